# ما تقوله كل صفحة.
brand = لوحة تأجير الذكاء الاصطناعي
skip-to-content = الانتقال إلى المحتوى
main-menu = القائمة الرئيسية
sign-out = تسجيل الخروج
to-dashboard = إلى لوحة المعلومات
request-id = رقم الطلب:
form-has-errors = يُرجى مراجعة ما يلي:
nav-dashboard = لوحة المعلومات
nav-usage = الاستخدام
nav-profile = الملف الشخصي
money = { $amount } دولار
percent = { $number }٪
requests-counted = { $count ->
    [zero] لا طلبات
    [one] طلب واحد
    [two] طلبان
    [few] { $number } طلبات
    [many] { $number } طلبًا
   *[other] { $number } طلب
}
