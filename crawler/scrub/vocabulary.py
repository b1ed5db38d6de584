"""The words that fill a scrubbed page: a few dozen a language, so that the language of a text is still recognised.

Written for this project; they say nothing when put together. Many words of a page become one of these, so what the
publisher wrote cannot be worked out from it.
"""

from __future__ import annotations

VOCABULARY: dict[str, str] = {
    "en": "if we up so an it to on of at us no oar tin sea tub fog day old her our the one two for has keep mild boat "
    "rope sail with that from they home town road tide bell these there water light grain bench shore storm "
    "apple stone other under harbor winter anchor bridge summer market garden island through weather morning "
    "orchard kitchen because between village evening current thousand mountain sailors northern together "
    "distance lighthouse fisherman something beautiful carefully afternoon afterwards everything understand "
    "settlement particular neighbours lighthouses surroundings conversation neighbourhood",
    "fr": "du la un mer sel thé ici dans bois avec port lune pluie barre toile lampe vague rivage bateau hiver jardin "
    "lorsque pendant plusieurs matin fenêtre chemin ancienne toujours montagne quelques lumière marchand "
    "rivière beaucoup campagne longtemps bibliothèque maintenant aujourd ensemble tranquillement",
    "de": "im am zu der see salz boot nebel licht wird auch nicht wasser hafen segel lampe garten fenster winter "
    "morgen brücke zwischen während schiffe langsam mehrere küste immer glocke wiese anderen schließlich "
    "nachmittag landschaft geschichte werkstatt eigentlich gemeinsam jahreszeit leuchtturm fischerdorf",
    "es": "el la un mar sal pan luz con para viento barco puerto lluvia lámpara invierno mañana ventana camino puente "
    "jardín siempre montaña algunos pescador orilla cuando durante ciudad antigua muchos tiempo después "
    "primavera biblioteca tranquilo cualquiera campana muelle vecinos ahora lentamente agradable",
    "pt": "um da no mar sal luz pão com para vento barco porto chuva janela inverno manhã caminho ponte jardim sempre "
    "montanha alguns pescador margem quando durante cidade antiga muitos tempo depois primavera biblioteca "
    "tranquilo coração estação vizinhos agora lentamente então também não",
    "it": "il la un mare sale pane luce con nella vento barca porto pioggia lampada inverno mattina finestra strada "
    "ponte giardino sempre montagna alcuni pescatore riva quando durante città antica molti tempo dopo "
    "primavera biblioteca tranquillo qualcuno campana vicini adesso lentamente della perché",
    "nl": "in de te zee zout boot licht wordt ook niet water haven zeil lamp tuin venster winter morgen brug tussen "
    "tijdens schepen langzaam enkele kust altijd klok weide andere eindelijk namiddag landschap geschiedenis "
    "werkplaats eigenlijk samen vuurtoren visser rustig voor een het",
    "sv": "en av på sjö salt båt ljus blir också inte vatten hamn segel lampa trädgård fönster vinter morgon bro "
    "mellan under skepp sakta några kust alltid klocka äng andra äntligen eftermiddag landskap historia "
    "verkstad egentligen tillsammans fyrtorn fiskare lugnt och som för",
    "no": "en av på sjø salt båt lys blir også ikke vann havn seil lampe hage vindu vinter morgen bro mellom under "
    "skip sakte noen kyst alltid klokke eng andre endelig ettermiddag landskap historie verksted egentlig "
    "sammen fyrtårn fisker rolig som hver etter",
    "da": "en af på sø salt båd lys bliver også ikke vand havn sejl lampe have vindue vinter morgen bro mellem under "
    "skibe langsomt nogle kyst altid klokke eng andre endelig eftermiddag landskab historie værksted egentlig "
    "sammen fyrtårn fisker rolig som hver efter",
    "fi": "on ja se suo meri suola vene valo tulee myös vesi satama purje lamppu puutarha ikkuna talvi aamu silta "
    "välillä aikana laivat hitaasti jotkut ranta aina kello niitty toiset lopulta iltapäivä maisema historia "
    "työpaja oikeastaan yhdessä majakka kalastaja rauhallinen kanssa joka",
    "cs": "na je že se sůl moře loď světlo bude také není voda přístav plachta lampa zahrada okno zima ráno most mezi "
    "během lodě pomalu některé pobřeží vždy zvon louka další konečně odpoledne krajina historie dílna vlastně "
    "společně maják rybář klidný který sousedé knihovna když ještě potom městečko",
    "pl": "na jest że się sól morze łódź światło będzie także nie woda port żagiel lampa ogród okno zima rano most "
    "między podczas statki powoli niektóre brzeg zawsze dzwon łąka inne wreszcie popołudnie krajobraz historia "
    "warsztat właściwie razem latarnia rybak spokojny który sąsiedzi biblioteka kiedy jeszcze potem miasteczko",
    "hu": "az és egy hogy só tenger hajó fény lesz nem víz kikötő vitorla lámpa kert ablak tél reggel híd között "
    "közben hajók lassan néhány part mindig harang rét más végül délután táj történelem műhely tulajdonképpen "
    "együtt világítótorony halász csendes amely szomszédok könyvtár amikor még aztán",
    "ro": "la un de sare mare barcă lumină este nu apă port pânză lampă grădină fereastră iarnă dimineață pod între "
    "în timpul corăbii încet câteva coastă mereu clopot pajiște alte după amiază peisaj istorie atelier "
    "împreună far pescar liniștit care vecinii bibliotecă când încă apoi",
    "id": "di ke dan yang ini garam laut perahu cahaya akan juga tidak air pelabuhan layar lampu kebun jendela musim "
    "pagi jembatan antara selama kapal perlahan beberapa pantai selalu lonceng padang lain akhirnya sore "
    "pemandangan sejarah bengkel sebenarnya bersama mercusuar nelayan tenang tetangga perpustakaan ketika masih "
    "kemudian",
    "ru": "на по от мы лёд соль море лодка свет будет также вода парус лампа сад окно зима утро мост между во время "
    "корабли медленно берег всегда колокол другие наконец полдень пейзаж история гавань мастерская вместе маяк "
    "рыбак тихий который несколько ветер дорога соседи однажды библиотека",
    "uk": "на по від ми лід сіль море човен світло буде також вода вітрило лампа сад вікно зима ранок міст між під "
    "час кораблі повільно берег завжди дзвін інші нарешті пообіддя краєвид історія гавань майстерня разом маяк "
    "рибалка тихий який кілька вітер дорога сусіди колись бібліотека",
    "tr": "bir ve bu tuz deniz tekne ışık olur ayrıca değil su liman yelken lamba bahçe pencere kış sabah köprü "
    "arasında sırasında gemiler yavaşça bazı kıyı her zaman çan çayır diğer sonunda öğleden manzara tarih "
    "atölye aslında birlikte fener balıkçı sakin için olan komşular kütüphane",
    "ar": "في من على بحر ملح قارب ضوء ماء ميناء شراع مصباح حديقة نافذة شتاء صباح جسر بين خلال سفن ببطء بعض ساحل دائما "
    "جرس مرج آخر أخيرا مساء منظر تاريخ ورشة معا منارة صياد هادئ الذي كانت الجيران المكتبة الطريق",
    "fa": "در از به که دریا نمک قایق نور آب بندر بادبان چراغ باغ پنجره زمستان صبح پل میان هنگام کشتی آهسته برخی ساحل "
    "همیشه زنگ چمن دیگر سرانجام عصر چشم‌انداز تاریخ کارگاه با هم فانوس ماهیگیر آرام است همسایگان کتابخانه",
    "he": "של על עם ים מלח סירה אור מים נמל מפרש מנורה גן חלון חורף בוקר גשר בין במשך ספינות לאט כמה חוף תמיד פעמון "
    "אחו אחר לבסוף ערב נוף היסטוריה סדנה ביחד מגדלור דייג שקט אשר היה השכנים הספרייה הדרך",
    "el": "το να με η θάλασσα αλάτι βάρκα φως νερό λιμάνι πανί λάμπα κήπος παράθυρο χειμώνας πρωί γέφυρα ανάμεσα "
    "πλοία αργά μερικά ακτή πάντα καμπάνα λιβάδι άλλα τελικά απόγευμα τοπίο ιστορία εργαστήριο μαζί φάρος ψαράς "
    "ήσυχος",
    "hi": "में से को पर नमक समुद्र नाव रोशनी पानी बंदरगाह पाल दीपक बगीचा खिड़की सर्दी सुबह पुल बीच दौरान जहाज धीरे "
    "कुछ किनारा हमेशा घंटी मैदान दूसरे आखिर शाम दृश्य इतिहास कार्यशाला साथ मछुआरा शांत पड़ोसी पुस्तकालय रास्ता",
}
"""By ISO 639-1 code. A language that is not here borrows the words of the first one in its script."""

SCRIPT_LANGUAGES = {"latin": "en", "cyrillic": "ru", "greek": "el", "arabic": "ar", "hebrew": "he", "devanagari": "hi"}

CHARACTERS: dict[str, str] = {
    "han": "山水木火土日月天人大小中上下風雨雪海船港灯光窗門花草林森石田米茶書車道村市東西南"
    "北春夏秋冬朝夕手足目口耳心早白青長高新多少",
    "hiragana": "あいうえおかきくけこさしすせそたちつてとなにのはひふへほまみむめもやゆよらりるれろわをん",
    "katakana": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン",
    "hangul": "가나다라마바사아자하거너더러머서어저허고노도로모보소오조호구누두루무부수"
    "우주기니리미비시이지는을은의에도과한인",
    "thai": "กขคงจชซดตถทธนบปผพฟมยรลวสหอ",
}
"""For scripts that are filled sign by sign."""

NAMES: dict[str, str] = {
    "latin": "Alden Brisa Corvin Delmar Edda Farrow Gessner Halden Ismay Jorun Kestrel Lindqvist Marlow Nerissa Orlan "
    "Pellam Quill Rowena Sorrel Tamsin Ulric Vance Wendell Yarrow Zelma Ashby Bexley Carrow Dorne Elmet Fenwick "
    "Garrick Hollis Ives Jessamy Kerrow Lorne Merrow Norling Ostrow Penrose Rudd Selwyn Thorne Varley Winslow",
    "cyrillic": "Алдан Брисин Вершин Гарин Дольский Еланский Жарков Заречный Ильмень Кедрин Ладогин Мартын Невельский "
    "Озеров Пихтин Ручьёв Снегов Туманов Урман Холмов Чайкин Шумилов Яхонтов Клим Марфа Прохор Устинья Фрол",
    "greek": "Αλκίνος Βαρδής Γαλάνης Δρόσος Ευρίλος Ζέφυρος Ηλιάνα Θάλης Ίρμος Κέδρος Λίνος Μυρτώ Νίρις Ξάνθος",
}
