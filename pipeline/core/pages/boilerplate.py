"""Lines that are furniture of a page, not of its article: share bars, advertisement marks, pointers to other articles.

Works on lines of extracted text. The phrases are data; only what no sentence of an article consists of belongs here.
"""

from __future__ import annotations

import re

#: Whole lines, letter case and punctuation at the edges aside.
_PHRASES = """
    advertisement | advertisements | ad | sponsored | sponsored content | story continues below advertisement |
    share | share this | share this article | share this story | share on facebook | share on twitter | tweet |
    email | print | print this page | facebook | twitter | whatsapp | telegram | linkedin | pinterest |
    copy link | link copied | save | comments | leave a comment | read more | related | related articles |
    related stories | related topics | more on this story | recommended | most read | follow us | posted on |
    posted by | published on | updated on | sign up | subscribe | subscribe now | log in | sign in | newsletter |
    author | updated | published | getty images | autor | autora | actualizada | actualizado | publicada | publicado |
    publicidad | anuncio | compartir | compartir en facebook | compartir en twitter | comparte |
    comparte esta noticia | compártelo | copiar enlace | enlace copiado | imprimir | guardar | comentarios |
    leer más | leer mas | lee también | lee tambien | lea también | lea tambien | te puede interesar |
    también te puede interesar | más información | noticias relacionadas | relacionadas | temas relacionados |
    contenido relacionado | vea también | vea tambien | publicado el | actualizado el | síguenos | siguenos |
    suscríbete | suscribirse | iniciar sesión | foto | publicidade | anúncio | compartilhar | compartilhe |
    partilhar | leia mais | leia também | leia tambem | veja também | notícias relacionadas | assine | salvar |
    publicité | partager | partager sur facebook | partager cet article | lire aussi | à lire aussi |
    lire la suite | imprimer | commentaires | s'abonner | abonnez-vous | sur le même sujet | anzeige | werbung |
    teilen | artikel teilen | drucken | merken | kommentare | mehr zum thema | lesen sie auch |
    auch interessant | zur startseite | abonnieren | link kopieren | pubblicità | condividi | leggi anche |
    stampa | commenti | abbonati | advertentie | delen | lees ook | reklama | udostępnij | czytaj też |
    czytaj także | реклама | поделиться | читайте также | подписаться | комментарии | реклама на сайте | 广告 |
    分享 | 分享到 | 相关新闻 | 相关阅读 | 広告 | シェア | 関連記事 | 관련기사 | 공유 | 광고 |
    إعلان | شارك | اقرأ أيضا | اقرأ أيضاً | reklam |
    paylaş | ilgili haberler | iklan | bagikan | baca juga | lue myös | lue seuraavaksi |
    lue lisää | läs också | läs mer | les også | læs også | quảng cáo | chia sẻ
"""
_WHOLE = frozenset(phrase.strip() for phrase in _PHRASES.split("|"))
#: Openings of short lines that only point to another article.
_POINTER = re.compile(
    r"^(?:read (?:also|more|next)|also read|see also|related|more|watch|recommended|don't miss|lee también|lea también|"
    r"leer también|lee además|(?:también )?te puede interesar|le puede interesar|ve[ar] también|vea|"
    r"mir[ae](?: también)?|"
    r"puedes leer|además|leia também|leia mais|veja também|lire aussi|à lire aussi|voir aussi|lesen sie auch|"
    r"mehr zum thema|auch interessant|leggi anche|lees ook|czytaj też|czytaj także|zobacz też|читайте также|"
    r"смотрите также|baca juga|xem thêm|相关阅读|延伸阅读|関連記事|관련기사|اقرأ أيضاً?)\s*[:：|»>]",
    re.I,
)
#: What feeds add below an article: WordPress's default, and that of services which pass feeds on.
_PASSED_ON = re.compile(
    r"^(?:The post .{1,140} (?:appeared first|first appeared) on [^,;]{1,60}|From .{1,80} via This RSS Feed)\.?$", re.I
)
_EDGES = " \t.:;!|/•·-–—»«>…*"


def furnished(text: str) -> str:
    """`text` without lines that are furniture of the page, and without pointers to other articles."""
    kept = [line for line in text.split("\n") if not _is_furniture(line)]
    return "\n".join(kept)


def _is_furniture(line: str) -> bool:
    if len(line) > 180:
        return False
    bare = line.strip(_EDGES).casefold()
    if not bare or bare in _WHOLE:
        return True
    return bool(_POINTER.match(line.lstrip(_EDGES)) or _PASSED_ON.match(line.strip()))
