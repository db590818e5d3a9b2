# ما تقوله كل صفحة.
brand = لوحة تأجير الذكاء الاصطناعي
skip-to-content = الانتقال إلى المحتوى
main-menu = القائمة الرئيسية
sign-out = تسجيل الخروج
to-start = إلى صفحة البداية
request-id = معرّف الطلب:
form-has-errors = يُرجى مراجعة ما يلي:
nav-dashboard = لوحة المعلومات
nav-usage = الاستخدام
nav-profile = الملف الشخصي
money = { $amount } دولار
percent = { $number }%
nav-api = واجهة برمجة التطبيقات (API)
