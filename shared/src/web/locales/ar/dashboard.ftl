# لوحة المعلومات والاستخدام والملف الشخصي.
dashboard-title = لوحة المعلومات
dashboard-plan = الباقة
dashboard-price = { $price } شهريًا
dashboard-period = فترة الفوترة
dashboard-within = ضمن حدود باقتك
dashboard-near = تقترب من أحد الحدود
dashboard-over = تجاوزت أحد الحدود
dashboard-requests = الطلبات
dashboard-tokens = الرموز
dashboard-cost = التكلفة بالأسعار المعلنة
dashboard-of-limit = من حدّ باقتك: { $limit }
dashboard-updated = آخر تحديث { $at }
dashboard-not-updated = لم يُحتسب شيء بعد في هذه الفترة
dashboard-see-usage = عرض الاستخدام
dashboard-empty-title = لم تستخدم شيئًا بعد
dashboard-empty-lead = ما إن تعالج البوابة أول طلب لك حتى يظهر هنا بعد لحظات وبدقة تامة: الطلبات والرموز والتكلفة.
dashboard-empty-account = معرّف حسابك لإعداد البوابة:
dashboard-empty-profile = اضبط منطقتك الزمنية، فهي تحدد بداية أيامك وفترات الفوترة.
dashboard-by-type = بحسب نوع الاستخدام
subscription-trialing = تجريبي
subscription-active = نشط
subscription-past_due = متأخر السداد
subscription-paused = متوقف مؤقتًا
subscription-canceled = ملغى
usage-title = الاستخدام
usage-lead = الأيام والأشهر بتوقيت { $zone }
usage-by-hour = بالساعة
usage-by-day = باليوم
usage-by-month = بالشهر
usage-group-none = الكل معًا
usage-group-ai_type = بحسب النوع
usage-group-model = بحسب النموذج
usage-group-api_key = بحسب مفتاح API
usage-group-instance = بحسب الخادم
usage-from = من
usage-to = إلى (غير مشمول)
usage-show = عرض
usage-chart = الرموز من { $from } إلى { $to }
usage-table = الأرقام نفسها في جدول
usage-when = الوقت
usage-what = البند
usage-requests = الطلبات
usage-input = رموز الإدخال
usage-output = رموز الإخراج
usage-cost = التكلفة
usage-total = المجموع
usage-empty = لم يُستخدم شيء في هذه المدة.
usage-bar = { $count ->
    [zero] { $when }: لا رموز
    [one] { $when }: رمز واحد
    [two] { $when }: رمزان
    [few] { $when }: { $number } رموز
    [many] { $when }: { $number } رمزًا
   *[other] { $when }: { $number } رمز
}
usage-shape = التقسيم الزمني
usage-grouping = التجميع
ai-text = نصوص
ai-code = شيفرة برمجية
ai-embedding = تضمين نصي
ai-image = صور
ai-speech = صوت
ai-video = فيديو
profile-title = الملف الشخصي
profile-saved = تم الحفظ.
profile-name = اسمك
profile-email = البريد الإلكتروني
profile-company = الشركة
profile-billing-address = عنوان الفوترة
profile-tax-id = الرقم الضريبي
profile-language = اللغة
profile-zone = المنطقة الزمنية
profile-zone-hint = يسري التغيير ابتداءً من فترة الفوترة التالية.
profile-digits = شكل الأرقام في العربية
profile-digits-latin = 0123456789
profile-digits-arabic = ٠١٢٣٤٥٦٧٨٩
profile-theme = المظهر
profile-theme-system = حسب إعداد النظام
profile-theme-light = فاتح
profile-theme-dark = داكن
profile-save = حفظ
