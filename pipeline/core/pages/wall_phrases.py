"""What walls say, by language: data of core.walls. In case-folded form; it counts only where there is little text."""

# ruff: noqa: E501 - alternatives of one language stand on one line
from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Challenge:
    titles: tuple[str, ...]
    scripts: tuple[bytes, ...]


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (line.strip().casefold() for line in text.splitlines())))


CHALLENGE = Challenge(
    titles=_phrases("""
        just a moment
        attention required! | cloudflare
        checking your browser
        verify you are human
        verifying you are human
        are you a robot
        are you human
        pardon our interruption
        ddos-guard
        ddos protection by
        access to this page has been denied
        access denied
        please wait... | cloudflare
        one more step
        security check
        bot verification
        human verification
        robot check
        un momento…
        un moment…
        einen moment
        nur einen moment
        um momento…
        un instant…
        请稍候
        しばらくお待ちください
        checking if the site connection is secure
    """),
    scripts=(b"/cdn-cgi/challenge-platform/h/", b"cf-browser-verification", b"cf_chl_opt", b"_incapsula_resource",
             b"captcha-delivery.com", b"px-captcha", b"perimeterx", b"sgcaptcha", b"awswafcookiedomainlist",
             b"awswafintegration", b"ddos-guard/js-challenge", b"distil_r_captcha", b"/_sec/cp_challenge",
             b"geo.captcha-delivery", b"kpsdk", b"testcookie", b"slowaes"),
)  # fmt: skip

#: Of <title> and <h1>: the whole title, or its part before or behind the site's name.
NOT_FOUND_TITLE = re.compile(
    r"""^(?:[^|–—-]{0,40}\s[|–—-]\s+)?(?:
      (?:error|erreur|fehler|errore|erro|błąd|ошибка|hata|virhe|fel|fejl|feil)?\s*[:-]?\s*(?:404|410)(?:\s*(?:[-–—:|!.]|error\b|not\ found).{0,60})?
    | (?:oops|ups|sorry|hoppla|whoops)?[\s,.!…]*(?:the\ |this\ )?(?:page|article|content|story)(?:\ you\ requested)?\ (?:was\ |is\ |can(?:not|'t)\ be\ |could\ not\ be\ )?(?:not\ found|no\ longer\ available|unavailable|does\ not\ exist|not\ available|found).{0,40}
    | (?:404\ )?not\ found | 404\ page | nothing\ found
    | (?:la\ )?p[áa]gina\ (?:no\ (?:encontrada|existe|disponible|se\ encuentra).{0,30}|n[ãa]o\ (?:encontrada|existe|dispon[íi]vel).{0,30})
    | (?:conte[nú][iú]?do|noticia|art[íi]culo|contenido)\ (?:no|n[ãa]o)\ (?:encontrad[oa]|disponible|dispon[íi]vel)
    | no\ se\ encontr[óo]\ la\ p[áa]gina | no\ encontrado
    | page\ (?:non\ trouv[ée]e|introuvable|inexistante).{0,30} | (?:cette|la)\ page\ n['’]existe\ (?:pas|plus).{0,30}
    | (?:die\ )?seite\ (?:wurde\ )?nicht\ (?:gefunden|verf[üu]gbar).{0,30} | (?:dieser\ )?artikel\ nicht\ (?:gefunden|verf[üu]gbar)
    | pagina\ (?:non\ trovata|inesistente|niet\ gevonden|nu\ a\ fost\ g[ăa]sit[ăa]).{0,30}
    | strona\ nie\ (?:istnieje|została\ znaleziona).{0,30} | nie\ znaleziono\ strony
    | страница\ не\ (?:найдена|существует).{0,30} | сторінк[ау]\ не\ знайдено.{0,30}
    | sayfa\ bulunamad[ıi].{0,30} | halaman\ tidak\ ditemukan.{0,30} | không\ tìm\ thấy\ trang.{0,30}
    | (?:sidan|siden)\ (?:kunde\ inte\ hittas|hittades\ inte|ikke\ funnet|blev\ ikke\ fundet|findes\ ikke|finnes\ ikke).{0,30}
    | sivua\ ei\ löyt(?:ynyt|y).{0,30} | stránka\ (?:nenalezena|nebyla\ nalezena|nenájdená).{0,30} | az\ oldal\ nem\ található.{0,30}
    | η\ σελίδα\ δεν\ βρέθηκε.{0,30} | הדף\ לא\ נמצא.{0,30} | الصفحة\ غير\ موجودة.{0,30} | صفحه\ (?:مورد\ نظر\ )?یافت\ نشد.{0,30}
    | 页面不存在.{0,30} | 页面未找到.{0,30} | 找不到(?:页面|頁面|网页|網頁).{0,30} | ページが見つかりません.{0,30} | 페이지를\ 찾을\ 수\ 없습니다.{0,30}
    )(?:\s[|–—-]\s.{0,60})?$""",
    re.I | re.X,
)

NOT_FOUND = _phrases("""
    page you requested could not be found
    page you are looking for
    page you were looking for
    page you're looking for
    page cannot be found
    page can't be found
    page could not be found
    page no longer exists
    article is no longer available
    story is no longer available
    content is no longer available
    nothing was found at this location
    requested url was not found
    la página que buscas
    la página que busca
    la página que estás buscando
    la página solicitada no
    esta página no existe
    el contenido que buscas
    el contenido no está disponible
    no pudimos encontrar la página
    página que você procura
    página que procura
    página não foi encontrada
    conteúdo não está mais disponível
    page que vous recherchez
    page que vous cherchez
    page que vous avez demandée
    page demandée n'existe
    page demandée est introuvable
    seite existiert nicht
    seite konnte nicht gefunden werden
    seite wurde nicht gefunden
    gewünschte seite
    angeforderte seite
    artikel ist nicht mehr verfügbar
    la pagina che stai cercando
    la pagina che cerchi
    la pagina richiesta
    pagina die u zoekt
    pagina die je zoekt
    pagina bestaat niet
    strona, której szukasz
    strona nie istnieje
    страница не найдена
    запрашиваемая страница
    страница была удалена
    материал удален
    сторінку не знайдено
    aradığınız sayfa
    halaman yang anda cari
    trang bạn tìm
    الصفحة التي تبحث عنها
    الصفحة المطلوبة
    صفحه مورد نظر
    页面不存在
    您访问的页面
    找不到您要
    お探しのページ
    요청하신 페이지
    찾으시는 페이지
""")

PAYWALL = _phrases("""
    subscribe to continue reading
    subscribe to read
    subscribe now to read
    subscribe to keep reading
    to continue reading
    to read the full
    to read this article
    to keep reading
    this article is for subscribers
    this content is for subscribers
    this story is for subscribers
    available to subscribers only
    exclusive to subscribers
    exclusively for subscribers
    for subscribers only
    already a subscriber?
    already have a subscription
    start your free trial
    unlock this article
    you have reached your limit of free articles
    you've reached your free article limit
    you have read your last free article
    register to continue reading
    log in to continue reading
    create a free account to continue
    suscríbete para seguir leyendo
    suscríbete para continuar leyendo
    suscríbete para leer
    suscríbase para
    para seguir leyendo
    para continuar leyendo
    contenido exclusivo para suscriptores
    exclusivo para suscriptores
    solo para suscriptores
    sólo para suscriptores
    ¿ya eres suscriptor?
    ¿ya estás suscrito?
    regístrate para seguir leyendo
    conteúdo exclusivo para assinantes
    exclusivo para assinantes
    para continuar lendo
    assine para ler
    já é assinante?
    este artigo é exclusivo para
    réservé aux abonnés
    réservée aux abonnés
    réservé à nos abonnés
    pour lire la suite
    abonnez-vous pour lire
    déjà abonné ?
    déjà abonné?
    jetzt weiterlesen
    weiterlesen mit
    mit abo weiterlesen
    diesen artikel weiterlesen
    lesen sie diesen artikel mit
    nur für abonnenten
    exklusiv für abonnenten
    sie sind bereits abonnent
    bereits abonnent?
    um diesen artikel zu lesen
    contenuto riservato agli abbonati
    riservato agli abbonati
    abbonati per leggere
    per continuare a leggere
    sei già abbonato?
    alleen voor abonnees
    om verder te lezen
    lees verder met een abonnement
    dla subskrybentów
    aby czytać dalej
    czytaj dalej w ramach subskrypcji
    dostępny tylko dla
    материал доступен только подписчикам
    доступно только подписчикам
    оформите подписку
    чтобы дочитать
    läs vidare med
    endast för prenumeranter
    les videre med
    kun for abonnenter
    vain tilaajille
    abonelere özel
    khusus pelanggan
    untuk melanjutkan membaca
    للمشتركين فقط
    订阅后继续阅读
    订阅者专享
    有料会員限定
    この記事は有料会員
    유료회원
    구독자 전용
    προσβάσιμο μόνο σε συνδρομητές
    למנויים בלבד
""")

CONSENT = _phrases("""
    cookie
    consent
    privacy policy
    privacy settings
    our partners
    personal data
    accept all
    reject all
    manage options
    manage settings
    legitimate interest
    personalised ad
    personalized ad
    store and/or access
    your privacy
    vendors
    política de privacidad
    nuestros socios
    datos personales
    aceptar todo
    rechazar todo
    consentimiento
    interés legítimo
    publicidad personalizada
    anuncios personalizados
    tu privacidad
    su privacidad
    política de privacidade
    nossos parceiros
    dados pessoais
    aceitar todos
    rejeitar
    consentimento
    sua privacidade
    nos partenaires
    données personnelles
    données à caractère personnel
    tout accepter
    tout refuser
    consentement
    intérêt légitime
    vie privée
    politique de confidentialité
    datenschutz
    unsere partner
    unseren partnern
    personenbezogene
    alle akzeptieren
    einwilligung
    zustimmen
    berechtigtes interesse
    tracking
    werbung
    i nostri partner
    dati personali
    accetta tutto
    consenso
    informativa sulla privacy
    onze partners
    persoonsgegevens
    alles accepteren
    akkoord
    toestemming
    privacybeleid
    nasi partnerzy
    zaufani partnerzy
    danych osobowych
    zgoda
    zgadzam się
    polityka prywatności
    файлы cookie
    персональных данных
    согласие
    политик
    конфиденциальност
    partnerler
    kişisel veri
    çerez
    gizlilik
    partner kami
    data pribadi
    kebijakan privasi
    våra partner
    personuppgifter
    samtycke
    persondata
    samtykke
    evästeet
    suostumus
    συγκατάθεση
    προσωπικά δεδομένα
    ملفات تعريف الارتباط
    الخصوصية
    同意
    隐私政策
    クッキー
    プライバシー
    쿠키
    개인정보
""")
