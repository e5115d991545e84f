"""The same news in many languages, to be encoded in their charsets."""

from __future__ import annotations

TEXTS = {
    "ar": "صوت مجلس الميناء مساء الاثنين لصالح بناء رصيف ثان للعبارات، كما قالت رئيسة المجلس",
    "bg": "Съветът на пристанището гласува в понеделник за втори кей, каза кметът",
    "cs": "Přístavní rada hlasovala v pondělí večer pro stavbu druhého mola, řekl šéf úřadu",
    "de": "Der Hafenrat stimmte für den Bau der zweiten Brücke, größer und schöner als früher",
    "el": "Το συμβούλιο του λιμανιού ψήφισε τη Δευτέρα υπέρ της κατασκευής δεύτερης προβλήτας",
    "es": "El consejo votó el lunes la construcción del segundo muelle, según el señor Muñoz",
    "fr": "Le conseil a voté lundi la construction d’un deuxième quai, prévu à l’été",
    "he": "מועצת הנמל הצביעה ביום שני בערב בעד בניית רציף שני למעבורות",
    "hu": "A kikötői tanács hétfőn este megszavazta a második móló építését, őszintén örülünk",
    "ja": "港湾委員会は月曜日の夜、湾を渡るフェリーのための第二の桟橋の建設を可決した",
    "ko": "항만 위원회는 월요일 저녁 두 번째 부두 건설을 가결했다고 밝혔다",
    "lt": "Uosto taryba pirmadienio vakarą balsavo už antros prieplaukos statybą, sakė merė",
    "pl": "Rada portu przegłosowała w poniedziałek wieczorem budowę drugiego mola, żądają mieszkańcy",
    "pt": "O conselho votou na segunda-feira a construção do segundo cais, não há acordo",
    "ru": "Совет гавани Линдмута в понедельник вечером проголосовал за строительство второго причала",
    "th": "สภาท่าเรือลงมติเมื่อวันจันทร์ให้สร้างท่าเรือที่สองสำหรับเรือข้ามฟาก",
    "tr": "Liman meclisi pazartesi akşamı ikinci bir iskele yapılması için oy kullandı, dedi başkan",
    "uk": "Рада гавані в понеділок увечері проголосувала за будівництво другого причалу, їхній голова",
    "zh": "港口委员会星期一晚上投票赞成为横渡海湾的渡轮修建第二座码头，辩论持续了将近四个小时",
    "zh-TW": "港口委員會星期一晚上投票贊成為橫渡海灣的渡輪修建第二座碼頭，辯論持續了將近四個小時",
}
