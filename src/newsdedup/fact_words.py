"""Words of numbers, units and the calendar, in the languages of the lexicon. Data only; `facts` reads them.

A word that is common with another meaning in some language (English `seize`, German `sei`, Turkish `on`) is left out,
and so is `one`, which is often a pronoun or an article. Nothing here depends on the language of the report, which is
often unknown, except that the English words are used alone in a sentence with English function words.
"""

from __future__ import annotations

import re


def _number(words: str, first: int = 2, step: int = 1) -> dict[str, int]:
    """Return the words with ascending values; alternatives are joined by a slash, and a hyphen leaves a value out."""
    return {
        word: first + step * index
        for index, group in enumerate(words.split())
        for word in group.split("/")
        if word != "-"
    }


ENGLISH_NUMBERS: dict[str, int] = {
    **_number("two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"),
    **_number("seventeen eighteen nineteen", 17),
    **_number("twenty thirty forty fifty sixty seventy eighty ninety hundred", 20, 10),
    "hundred": 100,
    "hundreds": 100,
    "dozen": 12,
}
# English numbers that are no words of other languages.
PLAIN_ENGLISH_NUMBERS = {word: value for word, value in ENGLISH_NUMBERS.items() if word not in ("four", "ten", "six")}
OTHER_NUMBERS: dict[str, int] = {
    # German
    **_number("zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn"),
    **_number("achtzehn neunzehn", 18),
    **_number("zwanzig dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig hundert", 20, 10),
    # Dutch
    **_number("twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien"),
    **_number("achttien negentien", 18),
    **_number("twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd", 20, 10),
    # Swedish, Norwegian, Danish
    **_number("två/tvenne tre fyra/fire fem sex/seks sju/syv åtta/åtte/otte nio tio elva/elleve tolv tretton/tretten"),
    **_number("fjorton/fjorten femton/femten sexton/seksten sjutton/sytten arton/atten nitton/nitten", 14),
    **_number(
        "tjugo/tjue/tyve trettio/tretti fyrtio/førti femtio/femti sextio/seksti sjuttio/sytti åttio/åtti", 20, 10
    ),
    **_number("nittio/nitti hundra/hundre/hundrede", 90, 10),
    # French
    **_number("deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept"),
    **_number("vingt/vingts trente quarante cinquante soixante septante huitante/octante nonante cent/cents", 20, 10),
    # Spanish, with the words to 29 that are one word
    **_number("dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete"),
    **_number("dieciocho diecinueve veinte veintiuno/veintiún/veintiuna veintidós veintitrés veinticuatro", 18),
    **_number("veinticinco veintiséis veintisiete veintiocho veintinueve", 25),
    **_number("treinta cuarenta cincuenta sesenta setenta ochenta noventa cien/ciento", 30, 10),
    **_number("doscientos/doscientas trescientos/trescientas cuatrocientos/cuatrocientas", 200, 100),
    **_number("quinientos/quinientas seiscientos/seiscientas setecientos/setecientas", 500, 100),
    **_number("ochocientos/ochocientas novecientos/novecientas", 800, 100),
    # Portuguese
    **_number("dois/duas três quatro cinco seis sete oito nove dez onze doze treze catorze/quatorze quinze"),
    **_number("dezasseis/dezesseis dezassete/dezessete dezoito dezanove/dezenove", 16),
    **_number("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem/cento", 20, 10),
    **_number("duzentos/duzentas trezentos/trezentas quatrocentos/quatrocentas quinhentos/quinhentas", 200, 100),
    **_number("seiscentos/seiscentas setecentos/setecentas oitocentos/oitocentas novecentos/novecentas", 600, 100),
    # Italian
    **_number("due tre quattro cinque - sette otto nove dieci undici dodici tredici quattordici quindici sedici"),
    **_number("diciassette diciotto diciannove", 17),
    **_number("venti trenta quaranta cinquanta sessanta settanta ottanta novanta cento", 20, 10),
    # Polish
    **_number("dwa/dwie/dwóch trzy/trzech cztery/czterech pięć/pięciu sześć/sześciu siedem/siedmiu osiem/ośmiu"),
    **_number(
        "dziewięć/dziewięciu dziesięć/dziesięciu jedenaście/jedenastu dwanaście/dwunastu trzynaście/trzynastu", 9
    ),
    **_number("czternaście piętnaście szesnaście siedemnaście osiemnaście dziewiętnaście", 14),
    **_number("dwadzieścia/dwudziestu trzydzieści/trzydziestu czterdzieści pięćdziesiąt sześćdziesiąt", 20, 10),
    **_number("siedemdziesiąt osiemdziesiąt dziewięćdziesiąt sto/stu dwieście trzysta czterysta", 70, 10),
    **_number("dwieście trzysta czterysta pięćset sześćset siedemset osiemset dziewięćset", 200, 100),
    # Russian and Ukrainian
    **_number("два/две/двух/дві/двоє три/трех/трёх/трьох четыре/четырех/четырёх/чотири/чотирьох"),
    **_number("пять/пяти/пʼять/п'ять/п’ять/пятеро шесть/шести/шість семь/семи/сім восемь/восьми/вісім", 5),
    **_number("девять/девяти/дев'ять/дев’ять десять/десяти одиннадцать/одинадцять двенадцать/дванадцять", 9),
    **_number("тринадцать/тринадцять четырнадцать/чотирнадцять пятнадцать/п'ятнадцять/п’ятнадцять", 13),
    **_number("шестнадцать/шістнадцять семнадцать/сімнадцять восемнадцать/вісімнадцять", 16),
    **_number("девятнадцать/дев'ятнадцять/дев’ятнадцять", 19),
    **_number("двадцать/двадцять/двадцати тридцать/тридцять/тридцати сорок/сорока", 20, 10),
    **_number("пятьдесят/п'ятдесят/п’ятдесят шестьдесят/шістдесят семьдесят/сімдесят", 50, 10),
    **_number("восемьдесят/вісімдесят девяносто/дев'яносто/дев’яносто сто", 80, 10),
    **_number("двести/двісті триста четыреста/чотириста пятьсот/п'ятсот/п’ятсот шестьсот/шістсот", 200, 100),
    **_number("семьсот/сімсот восемьсот/вісімсот девятьсот/дев'ятсот/дев’ятсот", 700, 100),
    # Turkish, Vietnamese
    **_number("iki üç dört beş altı yedi sekiz dokuz on"),
    **_number("yirmi otuz kırk elli altmış yetmiş seksen doksan yüz", 20, 10),
    **_number("hai - bốn/tư - sáu bảy tám chín"),
    # Arabic, Hindi
    **_number("اثنان/اثنين ثلاثة/ثلاث أربعة/أربع خمسة/خمس ستة/ست سبعة/سبع ثمانية/ثماني تسعة/تسع عشرة/عشر"),
    **_number("عشرون/عشرين ثلاثون/ثلاثين أربعون/أربعين خمسون/خمسين ستون/ستين سبعون/سبعين ثمانون/ثمانين", 20, 10),
    **_number("تسعون/تسعين مئة/مائة", 90, 10),
    **_number("दो तीन चार पांच/पाँच छह सात आठ नौ दस"),
    **_number("बीस तीस चालीस पचास साठ सत्तर अस्सी नब्बे सौ", 20, 10),
}
# Counted only as a part of a longer number: the first word of "один", "eins", "un" is an article or a pronoun.
ONES = frozenset("one eins ein een en et un une uno una um uma jeden один одна одно bir một mốt واحد एक".split())
# Not numbers by themselves: words of several meanings, counted only beside another number word.
DEPENDENT = frozenset(
    "on sex elf hai tư sto stu tre fire acht cent cents neuf six sei elli due sette yüz fem сорока".split()
)
CONNECTORS = frozenset("and und en et y e i och og và و".split())

HAN_DIGITS = {
    char: value
    for value, chars in enumerate(("〇零", "一", "二两兩", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8, "兆": 10**12}
HAN_COUNTERS = frozenset("人名个個位件歳歲岁次家艘枚天年月日号軒棟辆輛台所条隻匹頭头本点點")

_MAGNITUDES = (
    (10**3, "thousands?|tausend|duizend|tusen|tusind|mille|mila|mil|tysi[ąę]\\w{1,3}|tys|тысяч\\w{0,2}|тыс|тисяч\\w{0,2}|тис"
            "|bin|nghìn|ngàn|ألف|آلاف|हज़ार|हजार|천"),
    (10**4, "만|万|萬"), (10**5, "lakhs?|लाख"),
    (10**6, "mln|mlns|mio|millions?|millionen|millioner|milliony?|miljoner|miljoen|miljon|mill[oó]n|millones|milh[ãõ]\\w{1,2}"
            "|milion\\w{0,3}|milyon|миллион\\w{0,3}|мільйон\\w{0,3}|млн|triệu|مليون|ملايين"),
    (10**7, "crores?|करोड़"), (10**8, "억|亿|億"),
    (10**9, "bn|bln|billions?|milliards?|milliarden?|mrd|md|mia|miljard\\w{0,2}|milliarder|miliard\\w{0,3}|mld|bilh[ãõ]\\w{1,2}"
            "|milyar|миллиард\\w{0,3}|мільярд\\w{0,3}|млрд|tỷ|مليار|مليارات"),
    (10**12, "trillions?|trn|tn|billionen|biljoen|biljon\\w{0,2}|bill[oó]n|billones|bilion\\w{0,3}|trilh[ãõ]\\w{1,2}"
             "|trilyon|триллион\\w{0,3}|трлн|трильйон\\w{0,3}|조|兆|تريليون"),
)  # fmt: skip
MAGNITUDES = [(factor, re.compile(pattern)) for factor, pattern in _MAGNITUDES]

CURRENCY_SIGNS = {
    "$": "$",
    "€": "eur",
    "£": "gbp",
    "¥": "¥",
    "￥": "¥",
    "₹": "inr",
    "₽": "rub",
    "₴": "uah",
    "₺": "try",
    "₩": "krw",
}
# Prefixes of the dollar sign: US$, A$, R$.
DOLLARS = {
    "us": "us$",
    "a": "a$",
    "au": "a$",
    "c": "c$",
    "ca": "c$",
    "hk": "hk$",
    "nz": "nz$",
    "s": "s$",
    "r": "brl",
    "nt": "nt$",
}
_CURRENCIES = (
    ("$", "dollars?|dlrs?|d[óo]lar(?:es)?|dollari|dolar\\w{0,3}|доллар\\w{0,3}|долар\\w{0,3}|đô|دولار|डॉलर|달러|ドル|美元"),
    ("us$", "usd"), ("eur", "euros?|eur|евро|євро|يورو|यूरो|유로|ユーロ|欧元"), ("gbp", "pounds?|stg|sterling|gbp|pfund|фунт\\w{0,3}"),
    ("¥", "yen|jpy|yuan|renminbi|rmb|cny|йен\\w?|иен\\w?|юан\\w{1,2}|円|엔|위안|元"), ("chf", "francs?|franken|chf"),
    ("crown", "crowns?|kronor|kroner|koruna?y?|sek|nok|dkk|czk"), ("rub", "rou?bles?|rubel|rublos|rubli|rubl[iy]|рубл\\w{1,3}|руб|rub"),
    ("uah", "hryvnias?|гривен\\w?|гривн\\w{1,2}|грн|uah"), ("pln", "zlotys?|złot\\w{1,3}|zł|pln"), ("try", "liras?|lirası|tl"),
    ("inr", "rupees?|रुपये|रुपए|रुपया|inr|rs"), ("krw", "won|krw|원"), ("vnd", "đồng|vnd"), ("dem", "marks?"), ("cent", "cts?|cents?"),
)  # fmt: skip
CURRENCIES = [(unit, re.compile(pattern)) for unit, pattern in _CURRENCIES]
PERCENT = re.compile(
    "[%％٪]|pct|percent\\w{0,2}|prozent|procent\\w{0,2}|porcent\\w{0,4}|процент\\w{0,3}|відсотк\\w{0,3}|відсотків|yüzde|퍼센트|प्रतिशत"
)
# The second word of "per cent", "pour cent", "por ciento", "phần trăm", "في المئة".
PERCENT_PAIRS = frozenset(
    {"per cent", "pour cent", "por ciento", "por cento", "per cento", "phần trăm", "في المئة", "بالمئة"}
)

ORDINALS = _number("third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth", 3)
# Ordinals of other languages. Those that are weekdays (quarta), rooms (quarto) or moments (segundo) are left out.
_ORDINAL_STEMS = (
    ("dritt viert fünft sechst siebt acht neunt zehnt elft zwölft", "e er en em es"),
    ("derd vierd vijfd zesd zevend achtst negend tiend elfd twaalfd", "e"),
    ("tredj fjärd/fjerd femt sjätt/sjett sjund/sjuend/syvend åttond/åttend/ottend niond/niend tiond/tiend", "e"),
    ("troisième quatrième cinquième sixième septième huitième neuvième dixième onzième douzième", "- s"),
    ("tercer cuart - - séptim octav noven décim undécim duodécim", "o a"),
    ("terceir - - - sétim oitav non décim", "o a"),
    ("terz - - sest settim ottav non decim undicesim dodicesim", "o a"),
    ("trzec czwart - szóst siódm ósm dziewiąt dziesiąt", "i ia ie iego iej im y a e ego ej ym ą"),
    ("треть/трет четверт пят шест седьм восьм девят десят", "ий я е его ей ем ю ый ой ая ое ого ом ую"),
    ("трет четверт п'ят/п’ят/пʼят шост сьом восьм дев'ят/дев’ят десят", "ій я є ього ьої ьому ий а е ого ої ому у"),
)
OTHER_ORDINALS = {
    stem + ending.strip("-"): value
    for stems, endings in _ORDINAL_STEMS
    for stem, value in _number(stems, 3).items()
    for ending in endings.split()
} | {"tercer": 3, "deuxième": 2, "zweite": 2, "zweiten": 2, "tweede": 2}
FRACTIONS = {"half": 2, "halves": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifths": 5, "tenths": 10}

# The first half of a year or of a match is no share of it.
PERIOD_WORDS = frozenset("first second third fourth last latter next this same earlier opening st nd rd th".split())
ABOUT = frozenset(
    "about around some nearly almost roughly approximately over above under below "
    "etwa rund fast knapp über gut ungefähr environ près presque quelque unos unas casi cerca alrededor aproximadamente "
    "quase circa quasi oltre ongeveer bijna ruim nästan omkring cirka około prawie ponad около почти более свыше "
    "близько майже понад yaklaşık gần khoảng hơn حوالي نحو लगभग करीब 约 近 超 余 約 약".split()
)
MORE = frozenset("more mehr plus más mais più meer mer więcej больше більше fazla".split())
THAN = frozenset("than als que de di dan än niż чем ніж".split())
OTHER_WORDS = frozenset(
    "other others more another further additional weitere weiteren andere anderen autres autre otros otras outros outras altri altre "
    "overige annan andra inne innych других інших başka khác".split()
)

_WEEKDAYS = (
    "monday montag lundi lunes segunda-feira lunedì maandag måndag mandag poniedziałek понедельник понеділок pazartesi",
    "tuesday dienstag mardi martes terça-feira martedì dinsdag tisdag tirsdag wtorek вторник вівторок salı",
    "wednesday mittwoch mercredi miércoles quarta-feira mercoledì woensdag onsdag środa środę среда среду середа середу çarşamba",
    "thursday donnerstag jeudi jueves quinta-feira giovedì donderdag torsdag czwartek четверг четвер perşembe",
    "friday freitag vendredi viernes sexta-feira venerdì vrijdag fredag piątek пятница пятницу п'ятниця п'ятницю cuma",
    "saturday samstag sonnabend samedi sábado sabato zaterdag lördag lördagen lørdag sobota sobotę суббота субботу субота cumartesi",
    "sunday sonntag dimanche domingo domenica zondag söndag søndag niedziela niedzielę воскресенье неділя неділю pazar",
)  # fmt: skip
WEEKDAYS = {word: day for day, words in enumerate(_WEEKDAYS) for word in words.split()}
HAN_WEEKDAY = re.compile("(?:星期|周|週|礼拜|禮拜)([一二三四五六日天])|([月火水木金土日])曜日?|([월화수목금토일])요일")
HAN_WEEKDAYS = {
    char: day for chars in ("一二三四五六日", "月火水木金土日", "월화수목금토일") for day, char in enumerate(chars)
} | {"天": 6}
_MONTHS = (
    "january jan januar janvier enero janeiro gennaio januari stycznia styczniu января январе січня січні ocak",
    "february feb februar février febrero fevereiro febbraio februari lutego lutym февраля феврале лютого şubat",
    "march mar märz mars marzo março maart marca marcu марта марте березня березні mart",
    "april apr avril abril aprile kwietnia kwietniu апреля апреле квітня квітні nisan",
    "may mai mayo maio maggio mei maj maja maju мая мае травня травні mayıs",
    "june jun juni juin junio junho giugno czerwca czerwcu июня июне червня червні haziran",
    "july jul juli juillet julio julho luglio lipca lipcu июля июле липня липні temmuz",
    "august aug août agosto augustus augusti sierpnia sierpniu августа августе серпня серпні ağustos",
    "september sep sept septembre septiembre setembro settembre września wrześniu сентября сентябре вересня вересні eylül",
    "october oct oktober octobre octubre outubro ottobre października październiku октября октябре жовтня жовтні ekim",
    "november nov novembre noviembre novembro listopada listopadzie ноября ноябре листопада листопаді kasım",
    "december dec dezember décembre diciembre dezembro dicembre grudnia grudniu декабря декабре грудня грудні aralık",
)
MONTHS = {word: month for month, words in enumerate(_MONTHS, 1) for word in words.split()}
# Months that are known as such from their capital alone. Others need a day or one of the prepositions beside them.
CAPITALISED_MONTHS = frozenset(
    "january february march april may june july august september october november december "
    "januar februar märz mai juni juli oktober dezember".split()
)
DATE_PREPOSITIONS = frozenset("in en em im de w we в у till from since until during by i à".split())
YEAR_PREPOSITIONS = DATE_PREPOSITIONS | frozenset(
    "of for early late mid seit bis ab depuis jusqu'en desde hasta até dal nel del sinds od do с до с з sedan about around and after before".split()
)
ENGLISH_SIGNS = frozenset("the of and to was were said by for with at".split())
# Nouns of measures and durations: a number of years never contradicts a number of people.
MEASURES = {
    word: index
    for index, words in enumerate((
        "year years yr yrs jahr jahre jahren an ans année années año años ano anos anno anni jaar år lat lata rok год года лет років роки yıl năm 年 歳 岁 歲",
        "month months mths monat monate monaten mois mes meses mês mese mesi maand maanden månader måneder miesięcy месяц месяца месяцев місяців ay tháng",
        "week weeks woche wochen semaine semaines semana semanas settimana settimane weken veckor uker tydzień tygodni недели недель hafta tuần 周 週",
        "day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen dagar dni дней дня днів gün ngày 天 日",
        "hour hours hrs stunde stunden heure heures hora horas ore uur timmar timer godzin часов часа годин saat giờ 小时 時間",
        "minute minutes min minuten minutos minuti minuter minut минут хвилин dakika phút 分",
        "kilometre kilometer kilometres kilometers km kilomètres kilómetros quilômetros chilometri километров км",
        "metre meter metres meters metern mètres metros metri метров м", "mile miles", "foot feet ft", "inch inches",
        "tonne ton tonnes tons tonnen toneladas tonnellate тонн т", "kg kilogram kilograms kilos kilogramm", "barrel barrels bpd barriles",
        "degree degrees grad grados degrés gradi градусов", "litre liter litres liters liter", "hectare hectares hektar ha acres",
        "point points basis",
    ))
    for word in words.split()
}  # fmt: skip
# Tens that make compounds with ones: einundzwanzig, vijfentwintig, tjugofem, ventuno.
OTHER_TENS = tuple(
    "zwanzig dreißig dreissig vierzig fünfzig sechzig siebzig achtzig neunzig "
    "twintig dertig veertig vijftig zestig zeventig tachtig negentig "
    "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio tjue tretti førti femti seksti sytti åtti nitti "
    "venti trenta quaranta cinquanta sessanta settanta ottanta novanta".split()
)
FUNCTION_WORDS = frozenset(
    "the and for with from that this was were are has have had been will would who which its his her their said about "
    "more than after before over into per some other least most nearly almost vs "
    "der die das den dem des und ein eine einen einem einer mit von für auf aus sich sind war waren wurde wurden nach "
    "les des une dans pour avec sur par est sont qui que aux ont été plus los las una del con por para que son más "
    "dos das uma com foi mais gli della dei nel che per non het een van met aan zijn werd werden och som att för till "
    "его это что как при для они były jest się oraz dla ile bir için olan".split()
)
