"""Query parameters of URLs that never say which article it is: tables of names, and rules for shared ones.

The names are those that vendors and outlets document, and that public lists of tracking parameters agree on. Parameters
that identify articles on some sites are not here, though such lists have them: `id`, `cid`, `eid`, `pid`,
`campaign_id`, `feature`, `tag`, `p`, `s`, `t`.
"""

from __future__ import annotations

import re

#: Parameters that show how a reader arrived.
TRACKING = frozenset({
    # click ids: Google, Facebook, Instagram, Yandex, Microsoft, X, TikTok, Snapchat, Reddit, LinkedIn, Pinterest,
    # Impact
    "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "srsltid", "fbclid", "fb_action_ids", "fb_action_types", "fb_ref",
    "fb_source", "fb_comment_id", "igsh", "igshid", "yclid", "ysclid", "_openstat", "msclkid", "twclid", "ttclid",
    "sccid", "rdt_cid", "li_fat_id", "epik", "irclickid", "irgwc", "ndclid", "__twitter_impression", "ref_src",
    "ref_url", "share_id", "xing_share", "tblci", "dicbo", "obclid",
    # mail and marketing: Mailchimp, HubSpot, Marketo, Adobe, Vero, Olytics, Beehiiv, Branch, Wicked Reports, Drip,
    # MailerLite, Klaviyo, Eloqua, Salesforce, Sailthru, Dotdigital
    "mc_cid", "mc_eid", "mc_tc", "_hsenc", "_hsmi", "__hssc", "__hstc", "__hsfp", "hsctatracking", "mkt_tok", "sc_cid",
    "s_cid", "s_kwcid", "ef_id", "vero_id", "vero_conv", "oly_anon_id", "oly_enc_id", "rb_clickid", "_bhlid",
    "_branch_match_id", "_branch_referrer", "wickedid", "wickedsource", "__s", "ml_subscriber", "ml_subscriber_hash",
    "_ke", "_kx", "elqtrack", "elqtrackid", "sfmc_id", "sfmc_sub", "dm_i", "trk_contact", "trk_msg", "trk_module",
    "trk_sid", "mkwid", "pcrid", "os_ehash", "nr_email_referer", "mrfcid", "cvosrc", "spmailingid", "spuserid",
    "spjobid", "spreportid",
    # analytics: Google's cross-domain linker, AT Internet (on many French feeds), Webtrekk, Adobe, Alibaba, Echobox
    "_ga", "_gl", "_gac", "xtor", "xtref", "xtcr", "wt_mc", "wt_zmc", "wt.mc_id", "wtmc", "wtzmc", "wtrid", "cmp",
    "cmpid", "icid", "spm", "echobox", "at_bbc_team", "ocid", "sara_ecid", "gs_l", "usqp",
    "amp_js_v", "amp_gsa", "amp_r", "aoh", "__tn__", "tracking_source", "traffic_source", "trkcampaign", "intcmp",
    "intcid", "int_source", "int_campaign", "int_medium", "soc_src", "soc_trk", "cm_mmc", "cm_re", "cm_ven", "cm_cat",
    "sr_share",
    # single large outlets and portals, on the links in their feeds
    "maca", "ito", "smid", "smtyp", "guccounter", "guce_referrer", "guce_referrer_sig", "newsticker", "gepc",
    "utm", "ftcamp", "ft_orig", "srnd", "share_token", "sharetoken", "nl_key",
})  # fmt: skip
#: Prefixes of such parameters: Urchin, Matomo, Piwik, Open Web Analytics, internal campaigns, AT Internet, Humble,
#: comScore, HubSpot's advertising, AddThis, Yandex Market.
TRACKING_PREFIXES = (
    "utm_", "mtm_", "matomo_", "pk_", "piwik_", "owa_", "otm_", "itm_", "int_cmp", "at_campaign", "at_medium",
    "at_custom", "at_link", "at_source", "at_format", "at_ptr", "at_creation", "at_general", "at_variant",
    "hmb_", "hsa_", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "ns_fee", "ga_source", "ga_medium",
    "ga_term", "ga_content", "ga_campaign", "ga_place", "stm_", "vn_source", "vn_medium", "vn_campaign", "gaa_",
)  # fmt: skip
#: Parameters that often identify the article, but not if the value only says that the reader came from a feed or a
#: network (`?ref=rss`).
_ORIGINS = frozenset({
    "ref", "ref_", "referrer", "referer", "source", "src", "from", "partner", "emc", "via", "origin", "medium",
    "xg_source",
})  # fmt: skip
_FROM_A_FEED = re.compile(r"rss|(?:feeds?|feedburner|newsletter|twitter|facebook|social)$")

#: Ids of a visit: names that mean nothing else.
_SESSIONS = frozenset({
    "jsessionid", "phpsessid", "phpsessionid", "cfid", "cftoken", "sessid", "zenid",
    "oscsid", "xtcsid", "asp.net_sessionid", "bv_sessionid", "bv_engineid", "pjsessid", "nrmsessid",
})  # fmt: skip
_SESSION_PREFIXES = ("aspsessionid", "phpsess")
#: Names that are also those of articles: ids of a visit if the value looks like one.
_SHARED_SESSIONS = frozenset({"sid", "s", "session", "sess", "ssid", "sesid", "sessionid", "session_id", "sess_id"})
_VISIT = re.compile(r"(?i)(?=[a-z]*\d)(?=\d*[a-z])[a-z0-9]{20,128}|\d{32}")


def is_tracking(parameter: str) -> bool:
    """Whether `name=value`, or only a name, shows how the reader arrived. The case of letters does not matter."""
    name, _, value = parameter.lower().partition("=")
    if name in TRACKING or name.startswith(TRACKING_PREFIXES):
        return True
    return name in _ORIGINS and _FROM_A_FEED.match(value) is not None


def is_session(parameter: str) -> bool:
    """Whether `name=value` is the id of a visit. The case of letters does not matter."""
    name, _, value = parameter.partition("=")
    name = name.lower()
    if name in _SESSIONS or name.startswith(_SESSION_PREFIXES):
        return True
    return name in _SHARED_SESSIONS and _VISIT.fullmatch(value) is not None
