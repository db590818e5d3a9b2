# الاستخدام: التقرير والسجل وما تذكره لوحة المعلومات.
usage-outlook-method = تفترض التوقعات استمرار متوسط الوتيرة الحالية حتى نهاية الفترة.
usage-updated = آخر تحديث { $at }.
usage-title = الاستخدام
usage-lead = الأيام والأشهر بتوقيت { $zone }
usage-range = المدة
usage-range-month = هذا الشهر
usage-range-last = الشهر الماضي
usage-range-day = اليوم
usage-range-days = { $count ->
    [zero] لا أيام
    [one] يوم واحد
    [two] يومان
    [few] { $number } أيام
    [many] { $number } يومًا
   *[other] { $number } يوم
}
usage-totals = الإجماليات
usage-measure = المقياس
usage-by-hour = بالساعات
usage-by-day = بالأيام
usage-by-month = بالأشهر
usage-group-none = بلا تجميع
usage-group-ai_type = بحسب النوع
usage-group-model = بحسب النموذج
usage-group-api_key = بحسب مفتاح API
usage-group-instance = بحسب الخادم
usage-others = البقية
usage-from = من
usage-to = إلى ما قبل
usage-show = عرض
usage-before = { $from } – { $to }
usage-before-none = لا استخدام من { $from } إلى { $to }
usage-before-same = مثل ما قبلها ({ $when })
usage-before-more = بزيادة { $percent } عن { $amount } ({ $when })
usage-before-less = بانخفاض { $percent } عن { $amount } ({ $when })
usage-outlook = بهذه الوتيرة سيبلغ الاستخدام { $amount } في نهاية الفترة.
usage-outlook-full = بهذه الوتيرة ستبلغ الحد في { $day }.
usage-limit-hour = حد الباقة موزّعًا بالتساوي: { $amount } في الساعة
usage-limit-day = حد الباقة موزّعًا بالتساوي: { $amount } في اليوم
usage-limit-month = حد الباقة: { $amount } في الشهر
usage-chart = { $what } من { $from } إلى { $to }
usage-course = { $what } منذ بداية الفترة
usage-so-far = حتى الآن
usage-expected = بهذه الوتيرة
usage-table = الأرقام نفسها في جدول
usage-by-group = الإجمالي لكل بند
usage-share = الحصة ({ $what })
usage-rows = كل الصفوف
usage-when = التاريخ
usage-what = البند
usage-requests = الطلبات
usage-tokens = الرموز
usage-input = رموز الإدخال
usage-output = رموز الإخراج
usage-cost = التكلفة بالأسعار المعلنة
usage-total = الإجمالي
usage-empty = لا استخدام في هذه المدة
usage-empty-lead = اختر مدة أخرى، أو عُد بعد طلبك التالي عبر بوابة API.
usage-bar = { $when }: { $amount }
usage-shape = التقسيم الزمني
usage-grouping = التجميع
usage-without-api_key = بلا مفتاح
usage-without-instance = بلا خادم
usage-other-models = نماذج أخرى
