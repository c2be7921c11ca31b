"""Wording and patterns that many sites share: a small lexicon without the names of sites. Pure functions over one line.

A line is the text of a paragraph, folded to one line. Most patterns are tried only on lines short enough to be a label
or a notice, so running text that mentions a newsletter is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from newsdedup.models import Dateline, Role
from newsdedup.text import replace_typographic_marks

_MAX_NOTICE_WORDS = 45  # a notice is a line or two; a longer paragraph is an article about cookies
_MAX_LABEL_WORDS = 60  # longer lines are never recognised by their wording

_AGENCY = (
    r"(?:The )?Associated Press|AP|[Rr]euters?|REUTERS?|AFP|Agence France[- ]Presse|dpa|DPA|EFE|ANSA|Xinhua|TASS|Tass|Interfax|"
    r"PTI|IANS|ANI|UNI|UPI|Bloomberg|Kyodo(?: News)?|Jiji|Yonhap|Anadolu(?: Agency)?|AA|PA(?: Media)?|CNA|Bernama|Antara|"
    r"CNN|AAP|CP|Agencias|Agences|Agenturen|Redacción|Redaktion|Rédaction|Redazione|Редакция|The Canadian Press|APA|ATS|Belga|ANP|TT|NTB|STT|Ritzau|Lusa|Notimex|Agencies|TNS|CNS|RNS|JTA|WAFA|SPA|"
    r"新华社|共同社|中新社|時事|共同|РИА Новости|ТАСС|Интерфакс"
)
_AGENCY_ALONE = re.compile(rf"^[\W_]*(?:{_AGENCY})(?:[\s/&,]+(?:and )?(?:{_AGENCY}))*[\W_]*$")

_LABEL = re.compile(
    r"^\W*(?:share(?: this(?: article| story)?)?|tweet|print|e-?mail|save|copy link|facebook|twitter|x|whatsapp|telegram|linkedin|reddit|"
    r"pinterest|instagram|comments?|advertisements?|ad|sponsored(?: content)?|subscribe(?: now)?|sign (?:in|up)(?: now)?|log ?in|register|"
    r"menu|search|home|close|back to top|skip to (?:main )?content|follow(?: us| topic)?|listen(?: to this article)?|more|"
    r"related(?: (?:articles?|stories|news|topics?|content|posts))?|recommended(?: for you)?|trending(?: now)?|"
    r"most (?:read|popular|viewed)|latest(?: news)?|top stories|read (?:more|next|also|full story)|also read|you (?:may|might) also like|"
    r"more (?:from|on|in) .{2,40}|editor'?s'? picks?|ai[- ]generated|story continues(?: below)?(?: advertisement)?|"
    r"continue reading(?: below)?|transcript|tags?|topics?|newsletters?|gift(?: this)? article|bookmark|font size|"
    r"anzeige|werbung|publicidad|publicité|pubblicità|реклама|广告|広告|إعلان|विज्ञापन)(?:\s*\(\d+\))?\s*[:.!|›»>…]*$",
    re.IGNORECASE,
)
_SHARE_BAR = re.compile(
    r"^(?:(?:share|tweet|e-?mail|print|facebook|twitter|whatsapp|telegram|linkedin|reddit|pinterest|copy(?: link)?|save|comments?|x|bluesky|threads)\b[\s|·•/,]*){2,}$",
    re.IGNORECASE,
)
_MENU = re.compile(r"^[^.!?]{1,160}(?:\s[|›»•·/]\s[^.!?|›»•·]{1,40}){3,}$")

_PROMO = re.compile(
    r"^\W*(?:read (?:more|also|next|the full .{3,40})|also read|more on this(?: story)?|must read|don'?t miss|see also|related(?: (?:article|story|news))?|"
    r"watch(?: live| now| video| more)?|listen|recommended|further reading|in (?:pictures|photos|video)|explained|trending|opinion|live|"
    r"lesen sie auch|mehr zum thema|lea tambi[eé]n|te puede interesar|lire aussi|à lire aussi|leia tamb[eé]m|leggi anche|"
    r"lees ook|läs också|les også|czytaj także|читайте также|читайте ещё|اقرأ أيضا?ً?|यह भी पढ़ें|xem thêm|đọc thêm|baca juga|"
    r"相关阅读|延伸阅读|関連記事|あわせて読みたい)\s*[:|：>»–—-]\s*\S",
    re.IGNORECASE,
)
# The same for languages that the patterns above do not cover: breadcrumbs, labels of lists and share buttons, dates of
# publication, copyright.
_SHORT_LABEL_WORDS = 12
_CRUMBS = re.compile(r"^[^.!?。？！>›»]{1,30}(?:\s[>›»]\s[^.!?。？！>›»]{1,30}){1,5}$")
_LABEL_OTHER_LANGUAGES = re.compile(
    r"^\W*(?:관련\s?(?:기사|뉴스)|많이 본 (?:뉴스|기사)|기사\s?제보|카카오톡|공유(?:하기)?$|(?:기사)?입력\s*\d{4}|수정\s*\d{4}|무단\s?전재|"
    r"ข่าวที่เกี่ยวข้อง|แชร์|เฟซบุ๊ก$|ไลน์$|อ่านเพิ่มเติม|สงวนลิขสิทธิ์|berita terkait|bagikan|hak cipta|tin liên quan|chia sẻ|bình luận\s*(?:\(|$)|"
    r"संबंधित (?:ख़बरें|खबरें)|सर्वाधिकार|हमारे व्हाट्स|مواضيع ذات صلة|أخبار ذات صلة|شارك (?:الخبر|المقال)|جميع الحقوق|"
    r"来源\s*[:：]|責任編輯|责任编辑|分享到|版权所有|版權所有|相关(?:阅读|新闻)$|無断転載|関連(?:記事|ニュース)$|シェア(?:する)?$)",
    re.IGNORECASE,
)
_CAPTION_OTHER_LANGUAGES = re.compile(
    r"^(?:ภาพ|รูป|ảnh|사진|写真|图|圖|फोटो|फ़ोटो|صورة)\s*[:：=]|[(（](?:图|圖|写真|foto|تصوير|صورة)\s*[:：]|\s(?:ảnh|foto|फोटो|फ़ोटो)\s*:\s*[^.]{2,40}$|"
    r"[/\[(]?사진\s*[=:]\s*\S{1,20}[\])]?$",
    re.IGNORECASE,
)
_PROMO_UPPER = re.compile(r"^(?:READ MORE|ALSO READ|READ ALSO|WATCH|RELATED|SEE ALSO|MORE|NEXT)\b[: ]")

_NOTICE = re.compile(
    r"\b(?:sign(?:ing)? up|subscribe|subscribing|register)\b.{0,60}\b(?:newsletters?|inbox|alerts?|briefing|channel|emails?|updates|for free|now|today)\b|"
    r"\bsubscribe to (?:our|the)\b|\b(?:suscr[ií]b(?:ete|ase)|abonn(?:ieren|ez)|iscriviti|assine|подпис(?:ывайтесь|аться)|abonneer)\b|"
    r"\bnewsletters?\b.{0,40}\b(?:inbox|delivered|sign|subscri)|\bto your inbox\b|"
    r"\b(?:we|our (?:site|website|partners)|this (?:web)?site|by (?:continuing|using|clicking))\b.{0,60}\b(?:cookies?|privacy (?:policy|notice)|terms (?:of|and))\b|"
    r"\b(?:accept|manage|reject) (?:all )?cookies\b|\ball rights reserved\b|"
    r"\bmay not be (?:published|reproduced|republished).{0,60}(?:broadcast|redistributed|permission|rewritten)|"
    r"\bclick (?:here|on the link)\b|\bdownload (?:the|our) .{0,20}app\b|\bfollow (?:us|him|her|me|them|@?\w+ \w+) on\b|\blike us on facebook\b|\bjoin (?:us|our) (?:on|telegram|whatsapp)\b|"
    r"\b(?:enable|turn on) javascript\b|\byour (?:web )?browser\b|\bunusual (?:activity|traffic) from your\b|\b(?:you are|you're) (?:not )?a (?:robot|human)\b|"
    r"\bverify (?:that )?you are (?:a )?human\b|\b(?:log|sign) ?in (?:to|or)\b.{0,40}\b(?:continue|account|read|comment)|\bcreate (?:an|a free|your) account\b|"
    r"\balready (?:a subscriber\b|have an account\b|registered\?)|\bsubscribers? only\b|\bthank(?:s| you) for (?:registering|subscribing|reading|visiting|signing up)\b|"
    r"\bwe value your privacy\b|\bstore information on (?:your|a) device\b|\b(?:accept|reject) all\b|\bin your inbox\b|"
    r"\b(?:readers|people|supporters) like you\b|\bgive what you can\b|\bpay what you can\b|"
    r"\bsupport (?:our|independent|quality) .{0,30}journalism\b|\b(?:donate|become a (?:member|supporter))\b.{0,40}\b(?:today|now|support|here)\b|"
    r"\b(?:please|consider) (?:make|making) a (?:\w+[- ])?(?:donation|contribution)\b|"
    r"\bplease (?:refresh|enable|disable|let us know|upgrade|log in|allow)\b|\bad[- ]?blocker?\b|\bhave an? (?:news )?tip\b|\bsend (?:us )?(?:your )?(?:feedback|tips)\b|"
    r"\bif you (?:have|notice|spot) .{0,40}\b(?:tip|error|issue with commenting)\b|\bthe views expressed\b|\bopinions? expressed\b",
    re.IGNORECASE,
)

_NOTICE_OPENING = re.compile(
    r"^(?:\W*(?:©|\(c\)|copyright\b)|(?:advertisement|advertising|sponsored)\b.{0,40}$|"
    r"(?:this|the) (?:story|article|post|report|page|version) (?:has been|was|is being|will be) (?:\w+ )?(?:updated|corrected|amended|translated|published|produced|made possible)\b|"
    r"(?:correction|clarification|editor'?s'? note)\s*(?:\([^)]*\))?:|(?:first|last|originally) published\b|(?:updated|published|posted|last (?:updated|modified))\b(?: (?:on|at|:))?.{0,60}\d{4})",
    re.IGNORECASE,
)

# Every notice contains one of these. They are looked for first, because most lines contain none and the search is slow.
_NOTICE_KEYS = (
    "sign", "subscri", "regist", "newsletter", "inbox", "cookie", "privacy", "terms", "reserved", "©", "(c)", "copyright", "may not be",
    "click", "download", "follow", "like us", "join", "javascript", "browser", "unusual", "robot", "human", "log in", "login", "account",
    "already", "thank", "support", "donat", "become", "contribution", "correct", "clarification", "editor", "publish", "posted", "updated",
    "modified", "amended", "translated", "produced", "made possible", "please", "block", "tip", "feedback", "expressed", "suscr", "abonn",
    "iscriviti", "assine", "подпис", "store information", "accept all", "reject all", "advertis", "sponsored", "like you", "give what",
    "pay what", "error", "issue",
)  # fmt: skip

# Page furniture with unmistakable wording. The patterns match whole lines, so they never match running text.
_FURNITURE = re.compile(
    r"^\W*(?:(?:latest|recommended|more|popular|featured|other|top|middle east|world|local) (?:stories|posts|articles)|recent (?:posts|comments|articles|stories)|"
    r"(?:next|previous)(?: (?:article|story|post|month))?|up next|more (?:news|trending|to read)|most (?:commented|shared|viewed)|also watch|trending(?: on .{2,30})?|"
    r"most read (?:in|on) .{2,30}|read more (?:on|from) .{2,40}|read (?:here|more here|less(?: read more)?|(?:the )?original article here|further at .{2,30})|"
    r"(?:get|download) (?:audio\+?|(?:our |the )?(?:mobile )?app)|get (?:breaking|daily) (?:\w+ )?news|choose (?:your language|your listening speed)|select your language|"
    r"copied!?|share (?:via|this)\W*|view (?:all posts|comments)|(?:be the first to|no) comments?|\(?\d+\)? comments|commented|loading recommendations|"
    r"join (?:the conversation as .{2,40}|our commenting forum)|welcome to the discussion|people are also reading|discover more from .{2,40}|instagram content|"
    r"photo gallery|contact us(?:\s*:.{0,60})?|disclaimer|never miss (?:another|a) story|stay (?:in the loop|up to date with .{2,60})|make a donation|"
    r"getting your trinity audio player ready|or sign ?up to continue reading|this content was published on|this (?:article|story) (?:originally|first) appeared (?:in|on) .{2,60}|"
    r"republished from .{2,60}|subscribe to|indicates required fields|story (?:code|id)\s*:.{0,20}|first published\s*:?.{0,40}|please turn off your caps lock|"
    r"weiterlesen|mehr anzeigen|neueste (?:beitr[aä]ge|artikel)|artículos? relacionados?|últimas noticias|seguir leyendo|lire la suite|à la une|articles? récents?|"
    r"leia mais|últimas notícias|ultime notizie|leggi tutto|читать далее|последние новости|اقرأ المزيد|आगे पढ़ें)[\s.…:!>›»|*-]*$|"
    r"^updated?(?:\s*:)? (?:\d+ (?:h(?:ours?|rs?)?|min(?:ute)?s?|sec(?:ond)?s?|days?) ?)+ago\W*$|"
    r"^\W*click (?:here )?for (?:more|the latest)\b.{0,200}\b(?:news|headlines)\b|^get (?:current|latest|live|all the latest) (?:updates|news)\b.{0,200}\bnews\b|"
    r"^follow .{2,60} (?:on|at) (?:whatsapp|x|twitter|instagram|facebook|telegram|google news)\b|^follow .{2,40} coverage at https?://\S+$|^follow (?:our|the) .{2,40}\bchannel\b|"
    r"^subscribe\s*:\s*\S+$|^this video (?:may|can) be (?:available|licensed)\b.{0,80}https?://\S+$|"
    r"^join .{2,30} vip\b|^join \S+ to comment\b|"
    r"^about [\w .&'’-]{2,40} [\w .&'’-]{2,60}(?: is)? an? (?:[\w-]+ ){0,4}(?:news (?:web)?site|news portal|news agency|newspaper|news outlet)\b|"
    r"^(?:\W*https?://\S+|\W*pic\.twitter\.com/\S+|\s)+$",
    re.IGNORECASE,
)
_PROMO_CODE = re.compile(r"\b(?:use|using) (?:the )?promo code\b", re.IGNORECASE)
# The last line of an embedded post names its author: `— Name (@handle) August 25, 2025`.
_POST_SIGNATURE = re.compile(r"^[—–-]+\s?[^()]{1,80}\(@\w{1,30}\)(?:\s+[^\W\d_]+\.? \d{1,2},? \d{4})?$")
# Markup that was printed as text: percent-encoded words or tags.
_PERCENT_ENCODED = re.compile(r"%[0-9A-F]{2}")
_TAGS = re.compile(
    r"^\s*<(?:!doctype|html|head|body|div|p|span|script|style|iframe|table|ul|a|img)\b[^>]*>.*</?\w+[^>]*>",
    re.IGNORECASE,
)

# Reported speech is never a notice, whatever its topic.
_REPORTED_SPEECH = re.compile(r"^[\"“'‘]|\b(?:said|says|told|[Aa]ccording to)\b")

_CREDIT = re.compile(
    r"^\W*(?:\((?:[\w .]{1,25} )?with [^().]{2,60}\)\W*$|con informaci[oó]n de .{2,50}$|with (?:\w+ ){0,2}(?:wires?|agencies)\W*$|"
    r"with (?:information|a report) from .{2,60}$|\w+ with wires$|avec (?:l['’])?(?:afp|reuters)\W*$|mit (?:material|informationen) (?:von|der) .{2,40}$|"
    r"(?:sources?|agency|agencies|quelle|fuente|fonte|источник|来源|來源)\s*[:：]\s*\S.{0,60}$|"
    r"(?:with|additional) (?:\w+ )?(?:inputs?|reporting|reports|material|files?|agenc(?:y|ies)) ?(?:from|by|:|$).{0,120}$|"
    r"(?:reporting|writing|editing|compiled|edited|written|translated|produced|report) by\b.{0,200}$|"
    r".{3,160}\b(?:contributed (?:to th(?:is|e) (?:report|story|article|piece)|reporting)|contributed)\W*$)",
    re.IGNORECASE,
)
_TRAILING_CREDIT = re.compile(
    rf"(?<=[.!?”\"’])\s*(?:[—–-]{{1,2}}\s*)?[\[(]?((?:{_AGENCY})(?:\s*[/,&]\s*(?:{_AGENCY}))*)[\])]?\.?$"
)
_AGENCY_END = re.compile(rf"(?:{_AGENCY})[\])]?\.?$")

_CAPTION_OPENING = re.compile(
    r"^(?:(?:FILE|File)(?: (?:PHOTO|photo|image|picture))?\s*(?:[-–—:]| \()|(?i:photo|picture|image|video|caption|foto|bild|imagen|фото)(?: credit)?\s*[:：(]|"
    r"[\[(](?:photo|image|picture|file)\b)"
)
_CAPTION_END = re.compile(
    r"(?:\b(?i:photo(?:graph)?|picture|image|photos|foto|illustration|graphic|video)\s*(?:credits?)?\s*(?:by|:|courtesy(?: of)?|via)\s*[^.]{2,60}\.?|"
    r"\b(?:AP|AFP|EPA|Reuters|File|Courtesy) (?:Photo|photo|Images?|File)\b[^.]{0,50}\.?|"
    r"\b(?:Getty Images|Shutterstock|AFP via Getty|EPA-EFE|EPA|iStock|Unsplash|Anadolu via Getty Images)\b[^.]{0,25}\.?|"
    r"[\[(][A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3}\s*/\s*[A-Z][\w.'’& -]{1,40}[\])]|"
    r"[\[(](?:[^\])(]{2,50}/)(?:AP|AFP|Reuters|EPA|Getty|Anadolu)[^\])(]{0,40}[\])]|\b(?:REUTERS|AFP|EPA|AP)/[A-Z][\w .'-]{2,40}|"
    r"[\[(](?:(?:AP|AFP|Reuters|EPA|File) (?:[Pp]hoto|[Ii]mage|[Vv]ideo)s?|File|Photo)(?:[/:][^\])]{0,40})?[\])])$",
)

_BYLINE = re.compile(
    r"^(?:By|BY|by|Von|Por|Par|Di|Door|Af|Av|От|作者|文)(?:\s*[:：]\s*|\s+|(?=[A-Z]))(?P<names>[^\W\d_a-zа-я][\w.'’-]*(?:[\s,/&|]+(?:and|und|y|et|e|en|og|och|и|in|for|at|of|de|del|da|van|von|bin|al|the|The|[^\W\d_a-zа-я][\w.'’@-]*)){0,14})\W*$"
)
_BYLINE_DESK = re.compile(
    r"^(?P<names>[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]+){1,3}), (?:[A-Z][\w.'’&-]*(?: |$)){0,4}(?:Desk|Reporter|Correspondent|Staff Writers?|Editor|Bureau|News|Writer|Associated Press|Reuters|AFP)\W*$"
)
_BIO = re.compile(
    r"^(?:(?:Dr|Prof|Mr|Ms|Mrs)\.? )?[A-Z][\w.'’-]+(?: [A-Z][\w.'’-]*){1,3} (?:is|was|has been|covers?|reports?|writes?|joined)\b.{0,160}\b(?:reporter|correspondent|"
    r"editor(?:-at-large)?|journalist|writer|columnist|author|producer|contributor|fellow|covers?|covering|bureau chief|reports? (?:on|for|from))\b"
)
_COMMENTS = re.compile(
    r"^\W*(?:\d+ )?(?:comments?(?: section)?(?:\s*\(\d+\))?|(?:leave|post|add|write) a (?:comment|reply)|join the (?:conversation|discussion)|"
    r"(?:reader|user)s?'? comments|\d+ (?:responses|replies|comments)(?: to .*)?|view comments|kommentare|comentarios|commentaires|комментарии|评论|コメント)\W*$",
    re.IGNORECASE,
)
_LIST_ITEM = re.compile(r"^(?:[•●▪■◦‣*·–—-]\s*|\(?\d{1,3}[.)]\s+|[a-z][.)]\s+)")
_DATE_WORD = re.compile(
    r"^(?:published|updated|posted|last|modified|first|on|at|am|pm|a|p|m|ist|gmt|utc|est|edt|pst|pdt|et|cet|bst|"
    r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|"
    r"aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|\d{1,4}(?:st|nd|rd|th|am|pm)?|hours?|minutes?|mins?|days?|ago|read)$",
    re.IGNORECASE,
)

_DIGIT = re.compile(r"\d")
_NO_CAPITALS = bytes(code for code in range(128) if not chr(code).isupper())
LONGER_WORD = 4  # letters
_LONGER_WORD = re.compile(rf"[^\W\d_]{{{LONGER_WORD},}}")
_FIRST_TOKEN = re.compile(r"[^\W_]+")
_BETWEEN_TOKENS = re.compile(r"[\W_]+")


_GALLERY = re.compile(
    r"\b(?:Photos?|Pictures?|Images?|Slides?|Caption)\b.{0,80}?\b\d+ of \d+\b|\b\d+ of \d+\b.{0,20}?\b(?:Photos?|Pictures?|Images?|Slides?)\b|\bhide caption\b",
    re.IGNORECASE,
)
_GALLERY_COUNTER = re.compile(r"\d of \d|hide caption", re.IGNORECASE)
# An entry of a list of videos: a headline directly followed by its length and date.
_VIDEO_ENTRY = re.compile(
    r"\S\d{1,2}:\d{2}\s*(?:\|\s*[A-Z][a-z]+ \d{1,2}, \d{4}|\d+ (?:minutes?|hours?|days?|weeks?|months?|years?) ago)$"
)
_PLAYER = re.compile(r"\b(?:JUST|MUST) WATCHED?\b.*\b(?:Replay|Videos?)\b")


def is_gallery(line: str) -> bool:
    """Tell whether the line is a whole picture gallery: numbered captions, at any length."""
    return _may_be_gallery(line) and len(_GALLERY.findall(line)) >= 2


def _may_be_gallery(line: str) -> bool:
    """Tell whether the line contains two of the counters that every caption of a gallery has."""
    if line.isascii() and not _DIGIT.search(line) and "aption" not in line and "APTION" not in line:
        return False
    return ("of" in line or "aption" in line) and len(_GALLERY_COUNTER.findall(line)) >= 2


def is_list_item(line: str) -> bool:
    """Tell whether the line is marked as an item of a list."""
    return _LIST_ITEM.match(line) is not None


def is_table_row(line: str) -> bool:
    """Tell whether the line is a row of results or prices, not a headline: it has many numbers or a `|`."""
    if "|" in line:
        return True
    if line.isascii() and not _DIGIT.search(line):
        return False
    tokens = line.split()
    numeric = sum(any(char.isdigit() for char in token) for token in tokens)
    return numeric >= 3 or numeric > 0.25 * len(tokens)


def is_name_list(line: str) -> bool:
    """Tell whether the line is a list of names (a team, the dead): it has four commas or semicolons or more."""
    return line.count(",") + line.count(";") >= 4


def is_title_case(line: str) -> bool:
    """Tell whether most of the longer words are capitalised, as in English-language headlines."""
    if line.isascii() and len(line.encode().translate(None, _NO_CAPITALS)) < 3:
        return False
    longer = _LONGER_WORD.findall(line)
    return len(longer) >= 3 and sum(word[0].isupper() for word in longer) >= 0.75 * len(longer)


def is_comments_heading(line: str) -> bool:
    """Tell whether the line is the heading of the readers' comments."""
    return _COMMENTS.match(line) is not None


def strip_list_marker(line: str) -> str:
    """Return the line without its list marker, if it has one."""
    return _LIST_ITEM.sub("", line)


def is_date(line: str) -> bool:
    """Tell whether the line contains only the time of publication or update, or the reading time."""
    first = _FIRST_TOKEN.search(line)
    if first is None or not _DATE_WORD.match(first[0]) or not any(char.isdigit() for char in line):
        return False
    tokens = [token for token in _BETWEEN_TOKENS.split(line) if token]
    return len(tokens) <= 16 and all(map(_DATE_WORD.match, tokens))


def is_bio(line: str) -> bool:
    """Tell whether the line introduces the writer of the report."""
    return _BIO.match(line) is not None and len(line.split()) <= 80


# -- words that the patterns require ----------------------------------------------------------------------------------
# No pattern matches a line of ordinary running text. Comparing its words shows this faster than trying the patterns:
# each pattern requires one of the words below (only letters, in lower case, as `find_hints` splits them), or one of the
# marks that `find_hints` checks.
OPENING, NOTICE, CAPTION = 1, 2, 4
_LETTERS = bytes(ord(chr(code).lower()) if chr(code).isalpha() else 32 for code in range(128)) + b" " * 128

# First words of lines recognised by their beginning (of words with accents, the letters before or after the accent) ...
FIRST_WORDS = frozenset(
    [
        "aa",
        "about",
        "ad",
        "add",
        "additional",
        "advertisement",
        "advertisements",
        "advertising",
        "afp",
        "agence",
        "agencias",
        "agences",
        "agencies",
        "agency",
        "agenturen",
        "ai",
        "also",
        "anadolu",
        "anp",
        "ansa",
        "antara",
        "anzeige",
        "ap",
        "apa",
        "article",
        "articles",
        "associated",
        "ats",
        "avec",
        "baca",
        "back",
        "be",
        "belga",
        "bernama",
        "berita",
        "bild",
        "bloomberg",
        "bookmark",
        "c",
        "caption",
        "choose",
        "clarification",
        "click",
        "close",
        "cna",
        "cnn",
        "cns",
        "comment",
        "commentaires",
        "commented",
        "comments",
        "comentarios",
        "compiled",
        "con",
        "contact",
        "continue",
        "contributed",
        "copied",
        "copy",
        "copyright",
        "correction",
        "cp",
        "aap",
        "ani",
        "disclaimer",
        "discover",
        "don",
        "dont",
        "download",
        "dpa",
        "e",
        "edited",
        "editing",
        "editor",
        "editors",
        "efe",
        "email",
        "explained",
        "facebook",
        "featured",
        "file",
        "first",
        "follow",
        "font",
        "fonte",
        "foto",
        "fuente",
        "further",
        "get",
        "getting",
        "gift",
        "hak",
        "home",
        "http",
        "https",
        "ians",
        "imagen",
        "in",
        "indicates",
        "instagram",
        "interfax",
        "jiji",
        "join",
        "jta",
        "kommentare",
        "kyodo",
        "last",
        "latest",
        "lea",
        "leave",
        "lees",
        "leggi",
        "leia",
        "lesen",
        "linkedin",
        "lire",
        "listen",
        "live",
        "loading",
        "local",
        "log",
        "login",
        "lusa",
        "make",
        "mehr",
        "menu",
        "middle",
        "mit",
        "more",
        "most",
        "must",
        "never",
        "neueste",
        "newsletter",
        "newsletters",
        "next",
        "no",
        "notimex",
        "ntb",
        "opinion",
        "or",
        "originally",
        "other",
        "pa",
        "people",
        "photo",
        "pic",
        "pinterest",
        "please",
        "popular",
        "post",
        "posted",
        "previous",
        "print",
        "produced",
        "pti",
        "publicidad",
        "published",
        "quelle",
        "read",
        "reader",
        "readers",
        "recent",
        "recommended",
        "reddit",
        "redaktion",
        "redazione",
        "register",
        "related",
        "replies",
        "report",
        "reporting",
        "republished",
        "responses",
        "reuter",
        "reuters",
        "ritzau",
        "rns",
        "save",
        "search",
        "see",
        "seguir",
        "select",
        "share",
        "sign",
        "skip",
        "source",
        "sources",
        "spa",
        "sponsored",
        "stay",
        "stories",
        "story",
        "stt",
        "subscribe",
        "tag",
        "tags",
        "tass",
        "te",
        "telegram",
        "the",
        "this",
        "threads",
        "tns",
        "top",
        "topic",
        "topics",
        "transcript",
        "translated",
        "trending",
        "tt",
        "tweet",
        "twitter",
        "ultime",
        "uni",
        "up",
        "upi",
        "update",
        "updated",
        "user",
        "users",
        "view",
        "wafa",
        "art",
        "l",
        "la",
        "les",
        "ltimas",
        "pubblicit",
        "publicit",
        "r",
        "redacci",
        "tin",
        "xem",
        "watch",
        "weiterlesen",
        "welcome",
        "werbung",
        "whatsapp",
        "with",
        "world",
        "write",
        "writing",
        "written",
        "x",
        "xinhua",
        "yonhap",
        "you",
        "bluesky",
    ]
)
# ... and the second words required after some of them.
SECOND_WORDS = {
    "also": frozenset({"read", "watch"}),
    "be": frozenset({"the"}),
    "in": frozenset({"photos", "pictures", "video"}),
    "local": frozenset({"articles", "posts", "stories"}),
    "middle": frozenset({"east"}),
    "most": frozenset({"commented", "popular", "read", "shared", "viewed"}),
    "no": frozenset({"comment", "comments"}),
    "or": frozenset({"sign", "signup"}),
    "other": frozenset({"articles", "posts", "stories"}),
    "people": frozenset({"are"}),
    "the": frozenset({"article", "associated", "canadian", "page", "post", "report", "story", "version"}),
    "this": frozenset({"article", "content", "page", "post", "report", "story", "version", "video"}),
    "up": frozenset({"next"}),
    "world": frozenset({"articles", "posts", "stories"}),
    "you": frozenset({"may", "might"}),
}
LAST_WORDS = frozenset({"ago", "wires"})
_IF_YOU_PHRASES = ("if you have", "if you notice", "if you spot")
# Words that occur in notices, each with the phrases of which the line must contain one; no phrases: the word is enough.
_NOTICE_WORDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(
        [
            "abonneer",
            "abonnez",
            "abonnieren",
            "adblocke",
            "adblocker",
            "assine",
            "blocke",
            "blocker",
            "cookie",
            "cookies",
        ],
        (),
    ),
    **dict.fromkeys(
        ["donate", "follow", "iscriviti", "javascript", "login", "newsletter", "newsletters", "privacy", "register"], ()
    ),
    **dict.fromkeys(["signin", "subscribe", "subscribing", "suscr", "suscribase", "suscribete"], ()),
    "accept": ("accept all",),
    "account": ("an account", "a free account", "your account"),
    "browser": ("your browser", "your web browser"),
    "click": ("click here", "click on the link"),
    "commenting": _IF_YOU_PHRASES,
    "contribution": ("make a", "making a"),
    "device": ("store information on",),
    "donation": ("make a", "making a"),
    "download": ("download the", "download our"),
    "error": _IF_YOU_PHRASES,
    "expressed": ("the views expressed", "opinion expressed", "opinions expressed"),
    "facebook": ("like us on facebook",),
    "feedback": ("send",),
    "human": ("a human", "are human"),
    "inbox": ("your inbox",),
    "join": ("join us", "join our"),
    "log": ("log in",),
    "please": ("refresh", "enable", "disable", "let us know", "upgrade", "log in", "allow"),
    "readers": ("readers like you",),
    "registered": ("already registered",),
    "reject": ("reject all",),
    "reserved": ("all rights reserved",),
    "robot": ("a robot",),
    "sign": ("sign up", "sign in"),
    "signing": ("signing up",),
    "subscriber": ("already a subscriber", "subscriber only"),
    "subscribers": ("subscribers only",),
    "supporters": ("supporters like you",),
    "terms": ("terms of", "terms and"),
    "thank": ("thank you for",),
    "thanks": ("thanks for",),
    "tip": (*_IF_YOU_PHRASES, "have a"),
    "tips": ("send",),
    "unusual": ("unusual activity", "unusual traffic"),
    "verify": ("verify you are", "verify that you are"),
}
NOTICE_PARTS = ("may not be", "journalism", "people like you", "what you can", "become a member", "become a supporter")
_CAPTION_WORDS = frozenset(
    ["caption", "epa", "file", "getty", "istock", "replay", "shutterstock", "slide", "slides", "unsplash"]
)
_ASCII_LETTERS = re.compile(r"[A-Za-z]+")
_AGENCY_SLASH = ("reuters/", "afp/", "epa/", "ap/")
CAPTION_PARTS = ("photo", "picture", "image", "foto", "illustration", "graphic", "video")
_OPENING_WORDS = frozenset({"contributed", "promo"})
ANYWHERE_WORDS = _CAPTION_WORDS | _OPENING_WORDS | _NOTICE_WORDS.keys()


def find_hints(line: str) -> int:  # noqa: C901, PLR0912 - a table of cases
    """Return as bits which kinds of patterns may match a line: OPENING (those tied to a position), NOTICE and CAPTION.

    All bits are set for a line with characters outside Latin-1, other than quotes and dashes, because the words above
    do not cover other scripts.
    """
    plain = replace_typographic_marks(line)
    try:
        encoded = plain.encode("latin-1")
    except UnicodeEncodeError:
        return OPENING | NOTICE | CAPTION
    if line.count(" ") >= _MAX_LABEL_WORDS:
        return _find_long_line_hints(plain)
    words = encoded.translate(_LETTERS).decode().split()
    if not words:
        return OPENING | NOTICE | CAPTION
    lowered = plain.lower()
    result = 0
    if (
        (
            words[0] in FIRST_WORDS
            and (words[0] not in SECOND_WORDS or not words[1:] or words[1] in SECOND_WORDS[words[0]])
        )
        or words[-1] in LAST_WORDS
        or "|" in plain
        or ">" in plain
        or "<" in plain
        or "@" in plain
        or ("(" in plain and not plain[0].isalnum())
        or plain.count("%") > 2
        or words[0].startswith("bagikan")
        or (not plain.isascii() and ("»" in plain or "·" in plain or "©" in plain))
    ):
        result = OPENING
    if not ANYWHERE_WORDS.isdisjoint(words):
        for word in ANYWHERE_WORDS.intersection(words):
            if word in _OPENING_WORDS:
                result |= OPENING
            elif word in _CAPTION_WORDS:
                result |= CAPTION
            elif not (parts := _NOTICE_WORDS[word]) or any(substring in lowered for substring in parts):
                result |= NOTICE
    if "/" in plain:
        result |= OPENING if plain.count("/") > 2 else 0
        result |= CAPTION if plain[-1] in ")]" or any(substring in lowered for substring in _AGENCY_SLASH) else 0
    for substring in NOTICE_PARTS:
        if substring in lowered:
            result |= NOTICE
    for substring in CAPTION_PARTS:
        if substring in lowered:
            return result | CAPTION
    return result


def _find_long_line_hints(plain: str) -> int:
    """Return the result of `find_hints` for a line that is too long for most patterns."""
    first = _ASCII_LETTERS.search(plain)
    if (
        first is None
        or first[0].lower() in FIRST_WORDS
        or "|" in plain
        or plain[0] == "<"
        or plain.count("%") > 2
        or plain[-4:].rstrip().endswith("ago")
    ):
        return OPENING | CAPTION
    return CAPTION if "WATCH" in plain or _may_be_gallery(plain) else 0


def match_role(line: str, hints: int | None = None) -> Role | None:  # noqa: C901, PLR0911, PLR0912 - a table of cases
    """Return the role of `line` by its wording or shape, or None; the first case that matches wins.

    `hints` is the result of `find_hints` for the line, if it is known already.
    """
    hint_bits = find_hints(line) if hints is None else hints
    if not hint_bits:
        return None
    word_count = len(line.split())
    opening, notice, caption = hint_bits & OPENING, hint_bits & NOTICE, hint_bits & CAPTION
    if caption and is_gallery(line):
        return Role.CAPTION
    if opening and ("|" in line or "ago" in line[-4:]) and _VIDEO_ENTRY.search(line):
        return Role.RELATED_HEADLINES
    if caption and "WATCH" in line and _PLAYER.search(line):
        return Role.PROMO
    if opening and (not any(char.isalnum() for char in line) or is_markup(line)):
        return Role.BOILERPLATE
    if word_count > _MAX_LABEL_WORDS:
        return None
    if opening:
        if _AGENCY_ALONE.match(line) or _CREDIT.match(line):
            return Role.CREDIT
        if _PROMO.match(line) or (word_count <= 30 and _PROMO_UPPER.match(line)):
            return Role.PROMO
        if _LABEL.match(line) or _SHARE_BAR.match(line) or (sum(map(line.count, "|›»•·/")) > 2 and _MENU.match(line)):
            return Role.BOILERPLATE
        if word_count <= _SHORT_LABEL_WORDS and (_CRUMBS.match(line) or _LABEL_OTHER_LANGUAGES.match(line)):
            return Role.BOILERPLATE
        if (
            _FURNITURE.match(line)
            or ("promo" in line.lower() and _PROMO_CODE.search(line))
            or (line[0] in "—–-" and _POST_SIGNATURE.match(line))
        ):
            return Role.BOILERPLATE
    if word_count <= _MAX_NOTICE_WORDS and (opening or notice) and _is_notice(line, notice):
        return Role.BOILERPLATE
    if (
        ((opening or caption) and _CAPTION_OPENING.match(line))
        or (caption and _CAPTION_END.search(line))
        or (caption and word_count <= 2 * _SHORT_LABEL_WORDS and _CAPTION_OTHER_LANGUAGES.search(line))
    ):
        return Role.CAPTION
    return None


def is_markup(line: str) -> bool:
    """Tell whether the line is markup that was printed as text: HTML tags or percent-encoded words."""
    if line[0] == "<":
        return _TAGS.match(line) is not None
    return "%" in line and len(_PERCENT_ENCODED.findall(line)) >= max(3, line.count(" "))


def _is_notice(line: str, search_anywhere: int) -> bool:
    if not (_NOTICE_OPENING.match(line) or (search_anywhere and _NOTICE.search(line))) or _REPORTED_SPEECH.search(line):
        return False
    folded = line.casefold()
    return any(key in folded for key in _NOTICE_KEYS)


def parse_byline(line: str) -> str | None:
    """Return the names in a byline, or None if the line is not a byline."""
    match = _BYLINE.match(line) or _BYLINE_DESK.match(line)
    return match["names"].strip(" ,|") if match and len(line.split()) <= 16 else None


def is_signature(line: str) -> bool:
    """Tell whether the line consists of a name or initials, as agencies put below a report."""
    tokens = line.strip("()[] —–-").split()
    return (
        0 < len(tokens) <= 5
        and all(token[0].isupper() or token in {"of", "the", "and", "/"} for token in tokens)
        and line.isprintable()
    )


def split_trailing_credit(paragraph: str) -> tuple[str, str] | None:
    """Split an agency's name off the end of a paragraph: return (paragraph without it, name), or None."""
    match = _TRAILING_CREDIT.search(paragraph) if _AGENCY_END.search(paragraph[-30:]) else None
    return (paragraph[: match.start()].rstrip(), match[1]) if match else None


@dataclass(frozen=True, slots=True)
class DatelineMatch:
    """A dateline with the prefix of the paragraph that contains it, or with the number of lines that it occupies."""

    dateline: Dateline
    prefix: str = ""
    line_count: int = 0


_UPPER = r"[^\W\d_a-zа-яё]"
_PLACE_WORD = rf"{_UPPER}[\w.'’-]*"
_CAPS_PLACE = (
    rf"(?:{_UPPER}{{2,}}[.'’]?|(?:{_UPPER}\.){{2,}}|ST\.)(?:[ -](?:{_UPPER}{{2,}}|DE|LA|EL|AL|(?:{_UPPER}\.)+))*"
)
_MIXED_PLACE = rf"{_PLACE_WORD}(?:[ -](?:{_PLACE_WORD}|de|del|la|al|el|am|an|der|den|sur|of|upon|the|do|da|di)){{0,3}}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mär|Mai|Okt|Dez|ene|abr|ago|dic|avr|mai|août|déc)\w*\.?"
_DATE_PART = rf"(?:(?:\d{{1,2}}\.? (?:de )?)?{_MONTH}(?: \d{{1,2}})?(?:,? \d{{4}})?|\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?)"
_REGION = rf"(?:,? ?\([^()]{{2,30}}\)|, ?{_MIXED_PLACE})"
_DASH = r"\s*(?:[—–]|--|(?<=[\s)])-(?=\s))\s*"
_DATELINE_AGENCY = (
    rf"\s?[(\[/](?P<agency>(?:{_AGENCY})(?:[/,; ][^()\[\]]{{1,30}})?|[A-Z][A-Za-z.]{{1,12}}(?: [A-Z][a-z]+)?)[)\]/]"
)
_KNOWN_AGENCY = rf"\s?[(\[](?P<agency>{_AGENCY})[)\]]"
_DATELINE_SHAPES = (
    # WASHINGTON, Aug 22 (Agency) - ; HONG KONG: ; GAZA CITY, Palestinian Territories – ; PARIS —
    re.compile(
        rf"^(?P<place>{_CAPS_PLACE}(?:/{_CAPS_PLACE})*{_REGION}{{0,2}}?)(?:,? {_DATE_PART})?(?:{_DATELINE_AGENCY})?(?:{_DASH}|:\s+|\.\s*(?:[—–]|--)\s*)"
    ),
    # Cairo/Jerusalem — ; Deir al-Balah (Gaza Strip) (Agency) – ; Paris, 3. März (dpa) -
    re.compile(
        rf"^(?P<place>{_MIXED_PLACE}(?:/{_MIXED_PLACE})*{_REGION}{{0,2}}?),? {_DATE_PART}(?:{_DATELINE_AGENCY})?(?:{_DASH}|:\s+)"
    ),
    re.compile(
        rf"^(?P<place>{_MIXED_PLACE}(?:/{_MIXED_PLACE})*{_REGION}{{0,2}}?)(?:,? {_DATE_PART})?{_DATELINE_AGENCY}(?:{_DASH}|:\s+)"
    ),
    re.compile(
        rf"^(?P<place>{_MIXED_PLACE}(?:/{_MIXED_PLACE})*{_REGION}{{0,2}}?)(?:,? {_DATE_PART})?{_KNOWN_AGENCY}\s+(?={_UPPER})"
    ),
    re.compile(rf"^(?P<place>{_MIXED_PLACE}(?:/{_MIXED_PLACE})*(?:, ?{_MIXED_PLACE})?)\s*[—–]\s+(?=[\"“'‘«]?{_UPPER})"),
    re.compile(r"^(?P<agency>新华社|中新社|共同社)(?P<place>[^\W\d_]{2,8}?)\d{1,2}月\d{1,2}日(?:电|電)\s*"),
    re.compile(r"^【(?P<place>[^\W\d_]{2,8}?)(?P<agency>共同|時事|AFP=時事)?】\s*"),
)
# Every dateline contains a dash, a colon, a round bracket or one of these.
_OTHER_DATELINE_MARK = re.compile(r"[\]】日]")
# Labels that look like the place of a dateline.
_NOT_PLACES = frozenset(
    [
        "breaking",
        "update",
        "updated",
        "watch",
        "live",
        "exclusive",
        "opinion",
        "analysis",
        "editorial",
        "video",
        "explainer",
        "explained",
        "alert",
        "urgent",
        "just",
        "in",
        "correction",
        "note",
        "q",
        "a",
        "qa",
        "fact",
        "check",
        "factbox",
        "transcript",
        "read",
        "more",
        "listen",
        "photos",
        "related",
        "advertisement",
        "summary",
        "key",
        "points",
        "tl;dr",
        "tldr",
        "notes",
        "year",
        "file",
        "warning",
        "spoiler",
        "review",
        "interview",
        "the",
        "a",
        "an",
    ]
)


def parse_dateline(paragraph: str) -> DatelineMatch | None:
    """Return the dateline at the start of `paragraph`, with its prefix of at most 100 characters, or None."""
    if not (paragraph[:1].isalnum() or paragraph[:1] == "【"):
        return None
    head = paragraph[:100]
    if not (
        ":" in head or "-" in head or ")" in head or "—" in head or "–" in head
    ) and not _OTHER_DATELINE_MARK.search(head):
        return None
    for shape in _DATELINE_SHAPES:
        match = shape.match(paragraph)
        if not match or match.end() > 100 or match.end() >= len(paragraph):
            continue
        place = match["place"].strip(" ,")
        if place.casefold() in _NOT_PLACES or place.split()[0].casefold().strip(":") in _NOT_PLACES:
            return None
        agency = match.groupdict().get("agency")
        prefix = paragraph[: match.end()]
        return DatelineMatch(Dateline(text=prefix.strip(), place=place, agency=agency), prefix=prefix)
    return None


_PLACE_ALONE = re.compile(rf"^(?:{_CAPS_PLACE}|{_MIXED_PLACE}){_REGION}{{0,2}}$")


def parse_split_dateline(lines: list[str]) -> DatelineMatch | None:
    """Return a dateline that is split over the first lines (`City`, `AGENCY`, a dash), or None."""
    if len(lines[0].split()) > 5 or not _PLACE_ALONE.match(lines[0]):
        return None
    agency = (
        lines[1]
        if len(lines) > 1 and (_AGENCY_ALONE.match(lines[1]) or re.fullmatch(r"[A-Z]{2,6}", lines[1]))
        else None
    )
    dash_index = 2 if agency else 1
    if dash_index < len(lines) and lines[dash_index].strip() in {"—", "–", "-", "--"}:
        dateline_text = " ".join(lines[: dash_index + 1])
        return DatelineMatch(Dateline(text=dateline_text, place=lines[0], agency=agency), line_count=dash_index + 1)
    return None
