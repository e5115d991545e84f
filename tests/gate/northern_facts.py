"""Sentences in Dutch, Swedish, Norwegian, Danish and Finnish for test_shipped_facts.py, each with what is found."""

from __future__ import annotations

SPRING = "2027-04-01/2027-09-30"

OUTCOMES = [
    ("nl", "Het parlement heeft de komst van Belgische militairen goedgekeurd.", "authorised"),
    ("nl", "De regering vraagt het parlement om toestemming voor de komst van Belgische militairen.", "proposed"),
    (
        "nl",
        "De parlementsleden debatteerden over de komst van Belgische militairen, de stemming werd uitgesteld.",
        "debated",
    ),
    ("nl", "Het parlement verwierp de komst van Belgische militairen.", "rejected"),
    ("nl", "De regering verlengde het verblijf van de Belgische militairen.", "extended"),
    ("nl", "De regering trok de toestemming voor de Belgische militairen in.", "revoked"),
    ("sv", "Parlamentet godkände de belgiska soldaternas ankomst.", "authorised"),
    ("sv", "Regeringen begärde parlamentets tillstånd för belgiska soldater.", "proposed"),
    ("sv", "Ledamöterna debatterade de belgiska soldaternas ankomst, omröstningen sköts upp.", "debated"),
    ("sv", "Parlamentet avslog de belgiska soldaternas ankomst.", "rejected"),
    ("sv", "Regeringen förlängde de belgiska soldaternas vistelse.", "extended"),
    ("sv", "Regeringen återkallade tillståndet för de belgiska soldaterna.", "revoked"),
    ("no", "Parlamentet godkjente de belgiske soldatenes ankomst.", "authorised"),
    ("no", "Regjeringen ba parlamentet om tillatelse for belgiske soldater.", "proposed"),
    ("no", "Representantene debatterte de belgiske soldatenes ankomst, avstemningen ble utsatt.", "debated"),
    ("no", "Parlamentet avslo de belgiske soldatenes ankomst.", "rejected"),
    ("no", "Regjeringen forlenget de belgiske soldatenes opphold.", "extended"),
    ("no", "Regjeringen opphevet tillatelsen for de belgiske soldatene.", "revoked"),
    ("da", "Parlamentet godkendte de belgiske soldaters ankomst.", "authorised"),
    ("da", "Regeringen bad parlamentet om tilladelse til belgiske soldater.", "proposed"),
    ("da", "Parlamentet debatterede de belgiske soldaters ankomst, afstemningen blev udskudt.", "debated"),
    ("da", "Parlamentet afviste de belgiske soldaters ankomst.", "rejected"),
    ("da", "Regeringen forlængede de belgiske soldaters ophold.", "extended"),
    ("da", "Regeringen ophævede tilladelsen til de belgiske soldater.", "revoked"),
    ("fi", "Parlamentti hyväksyi belgialaisten sotilaiden tulon.", "authorised"),
    ("fi", "Hallitus pyysi parlamentilta lupaa belgialaisten sotilaiden tulolle.", "proposed"),
    ("fi", "Edustajat väittelivät belgialaisten sotilaiden tulosta, äänestys lykättiin.", "debated"),
    ("fi", "Parlamentti hylkäsi belgialaisten sotilaiden tulon.", "rejected"),
    ("fi", "Hallitus jatkoi belgialaisten sotilaiden oleskelua.", "extended"),
    ("fi", "Hallitus perui belgialaisten sotilaiden luvan.", "revoked"),
]

VOTES = [
    (
        "nl",
        "Het parlement keurde de komst van Duitse troepen goed met 71 stemmen voor, 34 tegen en 4 onthoudingen.",
    ),
    ("nl", "Met 71 tegen 34 stemmen, bij 4 onthoudingen, stemde de Kamer in met de komst van Duitse troepen."),
    ("sv", "Parlamentet godkände de tyska trupperna: 71 röstade för, 34 röstade mot och 4 avstod."),
    ("sv", "Med 71 röster mot 34 godkände parlamentet de tyska trupperna, 4 avstod."),
    ("no", "Parlamentet godkjente de tyske troppene: 71 stemte for, 34 stemte mot og 4 avsto."),
    ("da", "Parlamentet godkendte de tyske tropper: 71 stemte for, 34 stemte imod, og 4 undlod at stemme."),
    ("fi", "Parlamentti hyväksyi saksalaisjoukkojen tulon: 71 äänesti puolesta, 34 vastaan ja 4 tyhjää."),
]

PARTIES = [
    ("nl", "De regering van Cyprus heeft Duitse militairen toegelaten.", "CY", "DE"),
    ("nl", "Het Noorse parlement keurde de komst van militairen uit België goed.", "NO", "BE"),
    ("sv", "Cyperns regering släppte in tyska soldater.", "CY", "DE"),
    ("sv", "Det norska parlamentet godkände ankomsten av soldater från Belgien.", "NO", "BE"),
    ("no", "Kypros' regjering slapp inn tyske soldater.", "CY", "DE"),
    ("no", "Det danske parlamentet godkjente ankomsten av soldater fra Belgia.", "DK", "BE"),
    ("da", "Det norske parlament godkendte ankomsten af soldater fra Belgien.", "NO", "BE"),
    ("fi", "Kyproksen hallitus päästi maahan saksalaisia sotilaita.", "CY", "DE"),
    ("fi", "Norjan parlamentti hyväksyi belgialaisten joukkojen tulon.", "NO", "BE"),
]

PERSONNEL = [
    ("nl", "Het parlement keurde de komst van 430 Belgische militairen goed.", "430-430 Belgische militairen"),
    ("nl", "De regering stond de komst toe van maximaal zestig instructeurs uit Canada.", "-60 instructeurs"),
    ("sv", "Parlamentet godkände ankomsten av högst 430 belgiska soldater.", "-430 belgiska soldater"),
    ("no", "Parlamentet godkjente ankomsten av inntil 430 belgiske soldater.", "-430 belgiske soldater"),
    ("da", "Parlamentet godkendte ankomsten af op til 430 belgiske soldater.", "-430 belgiske soldater"),
    ("fi", "Parlamentti hyväksyi enintään 430 belgialaisen sotilaan tulon.", "-430 belgialaisen sotilaan"),
]

PERIODS = [
    ("nl", "Het parlement stond het verblijf van Britse militairen toe van 1 april tot 30 september.", SPRING),
    ("nl", "De regering verlengde het verblijf van de Russische troepen tot en met 31 december.", "/2027-12-31"),
    ("sv", "Parlamentet tillät brittiska soldaters vistelse från den 1 april till den 30 september.", SPRING),
    ("sv", "Regeringen förlängde de ryska soldaternas vistelse till den 31 december.", "/2027-12-31"),
    ("no", "Parlamentet tillot britiske soldaters opphold fra 1. april til 30. september.", SPRING),
    ("no", "Regjeringen forlenget de russiske soldatenes opphold til 31. desember.", "/2027-12-31"),
    ("da", "Parlamentet tillod britiske soldaters ophold fra den 1. april til den 30. september.", SPRING),
    ("da", "Regeringen forlængede de russiske soldaters ophold til den 31. december.", "/2027-12-31"),
    ("fi", "Hallitus jatkoi venäläisten joukkojen oleskelua 31. joulukuuta saakka.", "/2027-12-31"),
]

ARMED = [
    ("nl", "Het parlement keurde de komst van Belgische militairen goed. De militairen zijn bewapend met geweren."),
    ("sv", "Parlamentet godkände de belgiska soldaternas ankomst. Soldaterna är beväpnade med gevär."),
    ("no", "Parlamentet godkjente de belgiske soldatenes ankomst. Soldatene er bevæpnet med gevær."),
    ("da", "Parlamentet godkendte de belgiske soldaters ankomst. Soldaterne er bevæbnet med geværer."),
    ("fi", "Parlamentti hyväksyi belgialaisten sotilaiden tulon. Sotilaat ovat aseistettuja."),
]
