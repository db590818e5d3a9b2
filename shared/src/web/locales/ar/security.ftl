# إنشاء الحساب وتسجيل الدخول.
register-title = أنشئ حسابك
register-lead = استخدم نماذجنا وخوادمك الخاصة، وتابع تكلفتها بدقة تامة.
register-name = اسمك
register-company = الشركة (اختياري)
register-email = بريد العمل
register-password = كلمة المرور
register-password-hint = 8 أحرف على الأقل. بضع كلمات غير شائعة يسهل تذكرها ويصعب تخمينها.
register-submit = إنشاء الحساب
register-have-account = لديك حساب؟
register-sent-title = تفقّد بريدك
register-sent-detail = أرسلنا إليك رسالة فيها رابط صالح لمدة 24 ساعة.
verify-title = أكّد بريدك الإلكتروني
verify-detail = أكّد أن هذا البريد لك بالضغط على الزر.
verify-submit = تأكيد ومتابعة
login-title = تسجيل الدخول
login-email = البريد الإلكتروني
login-password = كلمة المرور
login-submit = تسجيل الدخول
login-no-account = ليس لديك حساب؟
login-verified = تم تأكيد بريدك، أهلًا بك! سجّل الدخول من فضلك.
login-reset = تم تغيير كلمة المرور وإنهاء جميع الجلسات. سجّل الدخول من فضلك.
login-forgot = نسيت كلمة المرور؟
# الخطوة الثانية من تسجيل الدخول.
code-title = المصادقة الثنائية
code-lead = أدخل الرمز المكوّن من 6 أرقام من تطبيق المصادقة.
code-backup-lead = أدخل أحد الرموز الاحتياطية التي حفظتها. يُستخدم كل رمز مرة واحدة فقط.
code-code = الرمز
code-backup = الرمز الاحتياطي
code-fresh = يُستخدم كل رمز مرة واحدة فقط. إن استخدمت رمزًا للتو فانتظر الرمز التالي.
code-use-backup = استخدام رمز احتياطي
code-use-program = استخدام رمز من التطبيق
code-back = العودة إلى تسجيل الدخول
# تأكيد الهوية من جديد.
sudo-title = تأكيد الهوية
sudo-lead = هذا إجراء حساس. أكّد هويتك للمتابعة، ولن نطلب ذلك مجددًا لمدة 10 دقائق.
sudo-submit = تأكيد
# كلمات المرور.
forgot-title = نسيت كلمة المرور؟
forgot-lead = أدخل البريد الذي تسجّل الدخول به وسنرسل إليك رابطًا لتعيين كلمة مرور جديدة.
forgot-submit = إرسال الرابط
forgot-sent = إن كان لهذا البريد حساب فالرابط في طريقه إليك. صلاحيته 30 دقيقة، ولا يعمل إلا أحدث رابط.
reset-title = تعيين كلمة مرور جديدة
reset-lead = ستنتهي جميع الجلسات. وإن كانت المصادقة الثنائية مفعّلة فسيُطلب منك الرمز كالمعتاد.
reset-submit = تعيين كلمة المرور
reset-again = طلب رابط آخر
password-title = تغيير كلمة المرور
password-lead = ستنتهي جميع جلساتك الأخرى.
password-current = كلمة المرور الحالية
password-new = كلمة المرور الجديدة
password-submit = تغيير كلمة المرور
# لم أكن أنا.
not-me-title = تأمين حسابك
not-me-lead = إن لم تكن أنت من أجرى التغيير المذكور في الرسالة فربما يستخدم شخص آخر حسابك. بالضغط على الزر:
not-me-sessions = تنتهي جميع الجلسات على جميع الأجهزة؛
not-me-password = تُبطَل كلمة المرور الحالية وتعيّن كلمة مرور جديدة؛
not-me-email = يعود البريد الذي وصلتك عليه الرسالة، ويُلغى أي تغيير لم يُؤكَّد بعد.
not-me-submit = تأمين حسابي
not-me-else = راجع بعد ذلك سجل الأمان وما بقي من مفاتيح API.
not-me-factor = تُوقف المصادقة الثنائية إن فُعّلت بهذا التغيير أو بعده؛
not-me-oldest = إن وصلتك عدة رسائل عن تغييرات لم تُجرِها فاستخدم «لم أكن أنا» في أقدمها.
not-me-codes = تُبطَل الرموز الاحتياطية التي أُنشئت بهذا التغيير أو بعده؛
not-me-keys = تُبطَل مفاتيح API التي أُنشئت أو بُدّلت أو وُسّعت صلاحياتها منذ هذا التغيير؛
# صفحة الأمان.
security-title = الأمان
security-lead = ما يحمي حسابك، وما الخطوة التالية.
security-next-factor = لا يحمي هذا الحساب سوى كلمة المرور. فعّل المصادقة الثنائية، ولن يستغرق ذلك أكثر من دقيقتين.
security-next-codes = بقي لديك القليل من الرموز الاحتياطية. أنشئ رموزًا جديدة لتتمكن من الدخول من دون هاتفك.
security-next-nothing = حسابك محميّ جيدًا ولا يلزمك فعل شيء.
security-password-lead = بضع كلمات غير شائعة يسهل تذكرها ويصعب تخمينها.
security-on = مفعّلة
security-off = غير مفعّلة
security-factor-since = مفعّلة منذ { $time }
security-manage = إدارة
security-sessions =
    { $count ->
        [zero] لا توجد جلسات نشطة
        [one] جلسة نشطة واحدة
        [two] جلستان نشطتان
        [few] { $number } جلسات نشطة
        [many] { $number } جلسة نشطة
       *[other] { $number } جلسة نشطة
    }
security-latest = آخر الأحداث
security-done-password = تم تغيير كلمة المرور وإنهاء جلساتك الأخرى.
security-done-on = تم تفعيل المصادقة الثنائية.
security-done-off = تم إيقاف المصادقة الثنائية.
security-done-codes = أصبحت رموزك الاحتياطية الجديدة سارية.
# المصادقة الثنائية.
factor-title = المصادقة الثنائية
factor-lead = عند تسجيل الدخول يُطلب رمز من هاتفك إضافة إلى كلمة المرور.
factor-turn-on = تفعيل
factor-step-program = تحتاج إلى تطبيق مصادقة مثل Google Authenticator أو 1Password أو Aegis.
factor-step-code = امسح به رمز QR ثم أدخل الرمز الذي يعرضه.
factor-step-backup = احفظ عشرة رموز احتياطية تحسّبًا لفقدان هاتفك.
factor-begin = بدء الإعداد
factor-scan = امسح رمز QR بتطبيق المصادقة ثم أدخل الرمز الذي يعرضه.
factor-qr = رمز QR
factor-key = أو أدخل هذا المفتاح في التطبيق:
factor-open = فتح في تطبيق مصادقة على هذا الجهاز
factor-enter = أدخل الرمز
factor-code-hint = 6 أرقام
factor-confirm = تفعيل
codes-title = الرموز الاحتياطية
codes-lead = يتيح لك كل رمز تسجيل الدخول مرة واحدة حين لا يكون هاتفك معك.
codes-left =
    { $count ->
        [zero] لم يبقَ أي رمز
        [one] بقي رمز واحد
        [two] بقي رمزان
        [few] بقيت { $number } رموز
        [many] بقي { $number } رمزًا
       *[other] بقي { $number } رمز
    }
codes-used = استُخدم الرمز الذي يبدأ بالرقم { $slot } يوم { $time }
codes-make = إنشاء رموز جديدة
codes-make-lead = ستُنشأ عشرة رموز جديدة وتتوقف الرموز القديمة عن العمل.
codes-once = تُعرض هذه الرموز مرة واحدة فقط. احفظها في مكان آمن، كمدير كلمات المرور.
codes-saved = حفظتُ الرموز
codes-done = تم
codes-last-step = المصادقة الثنائية مفعّلة. بقيت خطوة أخيرة: احفظ رموزك الاحتياطية.
off-title = إيقاف
off-lead = من دون المصادقة الثنائية لا يحمي هذا الحساب سوى كلمة المرور، وستتوقف رموزك الاحتياطية عن العمل.
off-submit = إيقاف المصادقة الثنائية
off-heading = إيقاف المصادقة الثنائية
# الجلسات.
sessions-title = الجلسات
sessions-lead = الجلسات المفتوحة في حسابك. إن لم تتعرّف على إحداها فأنهِها وغيّر كلمة المرور.
sessions-this = هذا الجهاز
sessions-since = سُجّل الدخول يوم
sessions-seen = آخر نشاط
sessions-end = إنهاء
sessions-end-others = إنهاء جميع الجلسات الأخرى
sessions-end-others-lead = سيُسجَّل خروجك من كل مكان عدا هذا الجهاز.
sessions-ended-one = تم إنهاء الجلسة.
sessions-ended-others = تم إنهاء جميع الجلسات الأخرى.
# السجل.
log-title = سجل الأمان
log-lead = كل ما يتعلق بأمان حسابك خلال آخر 400 يوم.
log-empty = لا توجد أحداث بعد
log-all = عرض الكل
log-by-link = رابط في رسالة
log-by-key = البرنامج صاحب المفتاح { $name }
log-by-machine = خادم الشركة المؤجِّرة { $name }
log-by-staff = فريق الشركة المؤجِّرة
log-by-schedule = اللوحة، في الموعد المحدد
event-signed_in = تم تسجيل الدخول
event-backup_code_used = تم استخدام رمز احتياطي
event-wrong_codes = أُدخلت رموز خاطئة للمصادقة الثنائية عدة مرات
event-second_factor_on = تم تفعيل المصادقة الثنائية
event-second_factor_off = تم إيقاف المصادقة الثنائية
event-backup_codes_made = تم إنشاء رموز احتياطية جديدة
event-password_changed = تم تغيير كلمة المرور
event-password_reset = تمت إعادة تعيين كلمة المرور
event-email_change_asked = طُلب تغيير البريد الإلكتروني
event-email_changed = تم تغيير البريد الإلكتروني
event-elevated = تم تأكيد الهوية
event-session_ended = تم إنهاء جلسة
event-sessions_ended = تم إنهاء جميع الجلسات الأخرى
event-api_key_made = تم إنشاء مفتاح API
event-api_key_changed = تم تعديل مفتاح API
event-api_key_rotated = تم تبديل مفتاح API
event-api_key_revoked = تم إبطال مفتاح API
event-not_me = تم تأمين الحساب من رابط في رسالة
event-service_key_made = تم إنشاء مفتاح خدمة
event-service_key_revoked = تم إبطال مفتاح خدمة
sudo-again = لم يتغيّر شيء بعد: اضغط الزر مرة أخرى.
not-me-done = تم تأمين حسابك: انتهت جميع الجلسات ولم تعد كلمة المرور القديمة صالحة. عيّن كلمة مرور جديدة.
login-changed = تم تغيير بريدك الإلكتروني. سجّل الدخول به من الآن.
register-sent-else = البريد غير صحيح أو لم تصلك رسالة؟
register-again = أنشئ حسابك من جديد
event-account_suspended = علّق فريق الدعم الحساب
event-account_activated = أعاد فريق الدعم تفعيل الحساب
