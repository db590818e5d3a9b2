# ما تقوله كل صفحة.
brand = منصة تأجير الذكاء الاصطناعي
skip-to-content = الانتقال إلى المحتوى
main-menu = القائمة الرئيسية
sign-out = تسجيل الخروج
to-start = إلى صفحة البداية
request-id = معرّف الطلب:
form-has-errors = يُرجى مراجعة ما يلي:
form-kept = احتفظنا بما أدخلته. راجِعه ثم أرسِل النموذج.
nav-dashboard = لوحة المعلومات
nav-usage = الاستخدام
nav-profile = الملف الشخصي
money = { $amount }{"\u00A0"}دولار
money-less = {"\u2066"}−{ $amount }{"\u2069"}{"\u00A0"}دولار
percent = { $digits ->
    [arabic] { $number }٪{"\u061C"}
   *[latin] {"\u200E"}{ $number }%{"\u200E"}
}
nav-api = واجهة API
try-again = إعادة المحاولة
close = إغلاق
copy = نسخ
copied = تم النسخ
offline = لا يوجد اتصال بالإنترنت، وقد لا تكون المعلومات المعروضة محدّثة.
account-menu = حسابك
signed-in-as = سجّلت الدخول باسم
breadcrumb = موقعك في المنصة
list-pages = صفحات القائمة
list-first = العودة إلى الأحدث
list-next = الأقدم
number-thousands = { $number }{"\u00A0"}ألف
number-millions = { $number }{"\u00A0"}مليون
number-billions = { $number }{"\u00A0"}مليار
nav-security = الأمان
cancel = إلغاء
download = تنزيل
print = طباعة
device-program-on-system = { $program } على { $system }
device-unknown = جهاز غير معروف
strength-short = قصيرة جدًا
strength-weak = سهلة التخمين
strength-good = جيدة
strength-strong = قوية
