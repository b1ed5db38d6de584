"""The twenty languages searched: how each is reduced to stems, and which of its words carry no meaning. Data only.

Other languages are folded and matched word by word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """One language. `stemmer` is the name of its Snowball stemmer, "" where there is none."""

    code: str
    name: str
    stemmer: str
    how: str  # for the docs: what is done
    stop: frozenset[str] = frozenset()  # its stop words


_CODE = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]+)*")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH = _words(
    "a about after again against all also am an and any are as at be because been before being between both but "
    "by can could did do does doing dont down during each few for from further had has have having he her here "
    "hers herself him himself his how i if in into is it its itself just let me more most my myself no nor not of "
    "off on once only or other our ours ourselves out over own s same she should so some such t than that the "
    "their theirs them themselves then there these they this those through to too under until up us very was we "
    "were what when where which while who whom why will with would you your yours yourself yourselves"
)
_FRENCH = _words(
    "a ai au aux avec c ce ces cette d dans de des du elle elles en est et eu il ils j je l la le les leur leurs "
    "lui m ma mais me mes moi n ne nos notre nous on ont ou où par pas pour qu que qui s sa sans se ses son sont "
    "sur t ta te tes toi ton tu un une vos votre vous y à été être cet dont était plus comme"
)
_GERMAN = _words(
    "aber alle als am an auch auf aus bei bin bis da das dass dem den der des dessen die dies diese diesem diesen "
    "dieser dieses doch du durch ein eine einem einen einer eines er es für gegen haben hat hatte ich ihm ihn ihr "
    "ihre im in ist ja kann kein keine mit nach nicht noch nun nur ob oder ohne sein seine seinem seinen seiner "
    "sich sie sind so sondern um und uns unter vom von vor war waren was wenn werden wer wie wir wird wurde "
    "wurden zu zum zur zwischen über"
)
_SPANISH = _words(
    "a al algo ante antes como con contra cual cuando de del desde donde durante e el ella ellas ellos en entre "
    "era es esa ese eso esta estaba este esto estos está están fue ha han hasta hay la las le les lo los me mi "
    "más muy no nos o otra otro para pero por porque que quien qué se ser si sin sobre son su sus también te tras "
    "tu un una uno unos y ya yo"
)
_PORTUGUESE = _words(
    "a ao aos as até com como da das de dela dele deles depois do dos e ela elas ele eles em entre era essa esse "
    "esta este está eu foi foram há isso isto já lhe mais mas me mesmo meu minha muito na nas nem no nos não nós "
    "o os ou para pela pelas pelo pelos por qual quando que quem se sem ser seu seus sobre sua suas são também te "
    "tem um uma à às é"
)
_ITALIAN = _words(
    "a ad ai al alla alle allo anche che chi ci come con contro cui d da dagli dai dal dalla dalle degli dei del "
    "della delle dello di dopo dove e ed era gli ha hanno ho i il in io l la le lei li lo loro lui ma mi nei nel "
    "nella nelle noi non o per perché più quale quando quella quello questa questo se sei si sia sono stato su "
    "sua sue sugli sui sul sulla suo ti tra tu un una uno vi voi è"
)
_DUTCH = _words(
    "aan al als bij daar dan dat de den der deze die dit door dus een en er ge geen had heb hebben heeft hem het "
    "hier hij hoe hun ik in is ja je kan maar me meer men met mijn na naar niet nog nu of om omdat onder ons ook "
    "op over reeds te tegen toch toen tot u uit uw van veel voor want waren was wat we werd wie wij wil worden "
    "wordt zal ze zelf zich zij zijn zo zonder zou"
)
_SWEDISH = _words(
    "alla att av blev bli de dem den denna deras dess det detta dig din dock du där då efter ej eller en er ett "
    "från för ha hade han hans har hon honom hur här i icke inom inte jag ju kan man med mellan men mig min mot "
    "mycket ni nu när och om oss på samma sedan sig sin sitt ska som så till under upp ut utan vad var vi vid "
    "vilken än är åt över"
)
_NORWEGIAN = _words(
    "alle at av ble bli både da de deg dem den denne der dere deres det dette din du eller en er et etter for fra "
    "før ha hadde han hans har hun hva hvem hvor i ikke inn ja jeg kan kom man med meg mellom men mot mye ned noe "
    "noen nå når og også om opp oss over på seg selv si sin sine skal som så til under ut uten var ved vi vil "
    "være vært å"
)
_DANISH = _words(
    "af alle alt anden at blev bliver da de dem den denne der deres det dette dig din dog du efter eller en end "
    "er et for fra ham han hans har havde hende her hos hun hvad hvor i ikke ind jeg kan man med meget mellem men "
    "mig mod mange ned noget nogle nu når og også om op os over på sig sin skal som så til ud uden under var ved "
    "vi vil være været"
)
_FINNISH = _words(
    "ei eivät emme en et että he hän ja joka jos jotka kanssa keitä kuin kun me mikä mutta mukaan myös ne niin "
    "nyt ole olet oli olivat olla on ovat se sekä siitä sitä tai tämä vaan vai vaikka voi"
)
_RUSSIAN = _words(
    "а без более бы был была были было быть в вам вас весь во вот все всех вы где да даже для до его ее если есть "
    "еще же за здесь и из или им их к как ко когда кто ли либо мне может мы на надо наш не него нее нет ни них но "
    "ну о об однако он она они оно от очень по под при с со так также такой там те тем то того тоже той только "
    "том ты у уже хотя чего чей чем что чтобы эта эти это этот я"
)
_UKRAINIAN = _words(
    "а або але б без би був була були було бути в вам вас ви вже від він вона вони воно все всі до для є же з за "
    "зі і із й його коли її їх їм к ще що щоб як який яка які якщо та так також там те ти то тому той у хто це "
    "цей ця ці чи на над не ні ну о об по при про під я ми між"
)
_TURKISH = _words(
    "acaba ama ancak bana bazı belki ben bir biri bu bunu bunun da daha de defa diye en eğer gibi hem hep her hiç "
    "için ile ise kez ki kim mu mü mı mi nasıl ne neden nerede niye o olan olarak oldu olduğu onu onun sonra şey "
    "siz şu tüm ve veya ya yani çok"
)
_ARABIC = _words(
    "في من على إلى الى عن مع هذا هذه ذلك تلك التي الذي الذين ما لا لم لن إن أن ان كان كانت قد و أو ثم بين بعد قبل "
    "كل هو هي هم حيث عند منذ حتى خلال كما لكن غير"
)
_PERSIAN = _words(
    "و در به از که این آن را با است برای بر تا هم یا می یک بود شد شده خود هر اما اگر نیز ها های هایی بین پس پیش "
    "باید دیگر آنها وی کرد کند"
)
_HEBREW = _words(
    "של על את עם הוא היא הם הן זה זו אל לא כי גם או אם כל בין היה היתה יש אין אך רק מה מי אני אנחנו אחרי לפני עד כך כמו"
)

LANGUAGES: dict[str, Language] = {
    language.code: language
    for language in (
        Language("en", "English", "english", "Snowball", _ENGLISH),
        Language("fr", "French", "french", "Snowball; elisions are split", _FRENCH),
        Language("de", "German", "german", "Snowball", _GERMAN),
        Language("es", "Spanish", "spanish", "Snowball", _SPANISH),
        Language("pt", "Portuguese", "portuguese", "Snowball", _PORTUGUESE),
        Language("it", "Italian", "italian", "Snowball; elisions are split", _ITALIAN),
        Language("nl", "Dutch", "dutch", "Snowball", _DUTCH),
        Language("sv", "Swedish", "swedish", "Snowball", _SWEDISH),
        Language("no", "Norwegian", "norwegian", "Snowball", _NORWEGIAN),
        Language("da", "Danish", "danish", "Snowball", _DANISH),
        Language("fi", "Finnish", "finnish", "Snowball", _FINNISH),
        Language("ru", "Russian", "russian", "Snowball; ё is read as е", _RUSSIAN),
        Language("uk", "Ukrainian", "", "folded; Snowball has no stemmer", _UKRAINIAN),
        Language("tr", "Turkish", "turkish", "Snowball; what follows an apostrophe is dropped", _TURKISH),
        Language("ar", "Arabic", "arabic", "Snowball; vowel marks and letter variants are folded", _ARABIC),
        Language("fa", "Persian", "persian", "Snowball; vowel marks and letter variants are folded", _PERSIAN),
        Language("he", "Hebrew", "", "folded, vowel points dropped; Snowball has no stemmer", _HEBREW),
        Language("ko", "Korean", "", "pairs of neighbouring syllables"),
        Language("ja", "Japanese", "", "pairs of neighbouring characters"),
        Language("zh", "Chinese", "", "pairs of neighbouring characters"),
    )
}

DIALECTS = {"nb": "no", "nn": "no", "iw": "he", "": "en"}
"""Codes read as another: both Norwegians, the old code of Hebrew; a text of unknown language is taken for English."""

ASKING_WORDS = _words(
    "across along although amid among amongst around concerning despite done else ever every having however involving "
    "many might much pertaining regarding relating shall since still therefore though thus toward towards upon whether "
    "whose within without yet another via others"
)
"""What English questions are put with beside stop words. Left out of queries only: texts keep them."""

CONTENT_WORDS = _words(
    "war die man men son era pan mine van hat bin den mit end kim hand sobre arms fin must "
    "ben contra dan dig dock dog door ham han hun inn los met sin sue ton want"
)
"""Words that mean something in one language and nothing in another (`war` is German for was): queries keep them."""

CAPITALS = _words(
    "us it who is un eu aid aids ice start salt swift pace care harm pin sam arm cop sec mit dia eta ira car coin mad "
    "seal seals let gain"
)
"""Words that stand for an organisation, country or treaty in capitals and for something else without."""

MEANT_IN_LOWER_CASE = _words("us un eu")
"""Of these, what people type in lower case and mean the capitals; as stems they are never stop words."""

ELISIONS = _words(
    "l d j m t s n c qu jusqu lorsqu puisqu quoiqu aujourd dell nell sull all dall un dev quell quest sant"
)
"""What stands before an apostrophe and is a word of its own: l'Iran, dell'Ucraina."""


OWN_NAMES = {
    "français": "fr",
    "deutsch": "de",
    "español": "es",
    "castellano": "es",
    "português": "pt",
    "italiano": "it",
    "nederlands": "nl",
    "svenska": "sv",
    "norsk": "no",
    "dansk": "da",
    "suomi": "fi",
    "русский": "ru",
    "українська": "uk",
    "türkçe": "tr",
    "العربية": "ar",
    "عربي": "ar",
    "فارسی": "fa",
    "farsi": "fa",
    "עברית": "he",
    "한국어": "ko",
    "日本語": "ja",
    "中文": "zh",
    "汉语": "zh",
    "漢語": "zh",
}
"""What the languages are called by those who speak them."""


def language_of(code: str) -> Language | None:
    """Return the language of a code such as `en` or `pt-BR`, None when it is none of the twenty."""
    short = code.lower().replace("_", "-").split("-")[0]
    return LANGUAGES.get(DIALECTS.get(short, short))


def code_of(name: str) -> str:
    """Return the code a reader means by `name`: a code, of a country too (`pt-BR`), its English name or its own."""
    folded = name.strip().casefold()
    named = next((one.code for one in LANGUAGES.values() if one.name.casefold() == folded), OWN_NAMES.get(folded))
    if named is not None:
        return named
    short = _CODE.fullmatch(folded)
    return DIALECTS.get(short[1], short[1]) if short is not None else folded
