# Registering and signing in.
register-title = Create your account
register-lead = Use our models and private instances, and see what they cost to the last token.
register-name = Your name
register-company = Company (optional)
register-email = Work email
register-password = Password
register-password-hint = At least 8 characters. A few uncommon words are easy to remember and hard to guess.
register-submit = Create account
register-have-account = Already have an account?
register-sent-title = Check your inbox
register-sent-detail = We sent you an email with a link. It expires in 24 hours.
verify-title = Confirm your address
verify-detail = One click, and your account is ready.
verify-submit = Confirm and continue
login-title = Sign in
login-email = Email
login-password = Password
login-submit = Sign in
login-no-account = New here?
login-verified = Your address is confirmed. Welcome! Please sign in.
login-reset = Your password has been changed and all sessions have ended. Please sign in.
login-forgot = Forgot your password?
# The second step of signing in.
code-title = Two-factor authentication
code-lead = Enter the 6-digit code from your authenticator app.
code-backup-lead = Enter one of the backup codes you saved. Each works once.
code-code = Code
code-backup = Backup code
code-fresh = A code works once. If you have just used one, wait for the next.
code-use-backup = Use a backup code
code-use-program = Use a code from the app
# Proving oneself again.
sudo-title = Confirm it’s you
sudo-lead = You are about to do something sensitive. After this you won’t be asked again for 10 minutes.
sudo-submit = Confirm
# Passwords.
forgot-title = Forgot your password?
forgot-lead = Enter the email address you sign in with, and we’ll send you a link to set a new password.
forgot-submit = Send the link
forgot-sent = If this address has an account, a link is on its way. It expires in 30 minutes, and only the newest link works.
reset-title = Set a new password
reset-lead = All sessions will end. If two-factor authentication is on, you will still be asked for a code.
reset-submit = Set password
reset-again = Ask for another link
password-title = Change password
password-lead = All your other sessions will end.
password-current = Current password
password-new = New password
password-submit = Change password
# This was not me.
not-me-title = Secure your account
not-me-lead = If you did not make the change that the email told you about, someone else may be using your account. This button:
not-me-sessions = ends all sessions on all devices;
not-me-password = locks the current password and lets you set a new one;
not-me-email = restores your email address if it was changed.
not-me-submit = Secure my account
not-me-else = Afterwards, review your API keys and your security log.
# The page of security.
security-title = Security
security-lead = What protects your account, and what to do next.
security-next-factor = Your password is all that protects this account. Turn on two-factor authentication: it takes two minutes.
security-next-codes = You are running out of backup codes. Make new ones so that you can still sign in without your phone.
security-next-nothing = Your account is well protected. There is nothing to do.
security-password-lead = A few uncommon words are easy to remember and hard to guess.
security-on = On
security-off = Off
security-factor-since = On since { $time }
security-manage = Manage
security-sessions =
    { $count ->
        [one] Signed in on one device
       *[other] Signed in on { $number } devices
    }
security-latest = Recent activity
security-done-password = Your password has been changed. Your other sessions have ended.
security-done-on = Two-factor authentication is on.
security-done-off = Two-factor authentication is off.
# The second factor.
factor-title = Two-factor authentication
factor-lead = When you sign in, a code from your phone is needed as well as your password.
factor-turn-on = Turn on
factor-step-program = You need an authenticator app, such as Google Authenticator, 1Password or Aegis.
factor-step-code = Scan a QR code with it, then enter the code it shows.
factor-step-backup = Save ten backup codes for the day your phone is lost.
factor-begin = Set up
factor-scan = Scan the QR code with your authenticator app, then enter the code it shows.
factor-qr = QR code
factor-key = Or enter this key in the app:
factor-open = Open in an app on this device
factor-enter = Enter the code
factor-code-hint = 6 digits
factor-confirm = Turn on
codes-title = Backup codes
codes-lead = Each code signs you in once when you don’t have your phone.
codes-left =
    { $count ->
        [0] No codes left
        [one] One code left
       *[other] { $number } codes left
    }
codes-used = Code { $slot } was used on { $time }
codes-make = Make new codes
codes-make-lead = Ten new codes will be made. The old ones will stop working.
codes-once = These codes are shown only once. Save them somewhere safe, such as a password manager.
codes-saved = I have saved them
codes-done = Done
off-title = Turn off
off-lead = Without two-factor authentication your password is all that protects this account. Your backup codes will stop working too.
off-submit = Turn off
# Sessions.
sessions-title = Sessions
sessions-lead = Where you are signed in. If you don’t recognise one, end it and change your password.
sessions-this = This device
sessions-since = Signed in
sessions-seen = Last seen
sessions-end = End
sessions-end-others = End all others
sessions-end-others-lead = You will be signed out everywhere except on this device.
sessions-ended-one = The session has ended.
sessions-ended-others = All other sessions have ended.
# API keys.
keys-title = API keys
keys-lead = An API key lets your programs use the API and the models on your behalf.
keys-count = { $used } of { $most } keys
keys-new = New API key
keys-create = Create key
keys-empty = No API keys yet
keys-full = Your plan has no more API keys. Revoke one to create another.
keys-over = Expired
keys-made = Created
keys-used = Last used
keys-unused = Never used
keys-ends = Expires
keys-name = Name
keys-name-hint = What it is for, such as “production backend”.
keys-scopes = What it may do
keys-expires = Expires (optional)
keys-never = Never
keys-networks = Allowed addresses (optional)
keys-anywhere = From anywhere
keys-limit = Monthly cost limit in US dollars (optional)
keys-limit-hint = Requests beyond it are refused until the next billing period.
keys-no-limit = None
keys-secret-title = Your API key
keys-once = This key is shown only once. Copy it now and keep it secret.
keys-saved = I have saved it
keys-rotate = Rotate
keys-rotate-lead = Makes a new secret. The present one keeps working for a while so you can switch your programs over.
keys-grace = The present one keeps working for
keys-grace-none = no time: it stops now
keys-grace-hour = one hour
keys-grace-day = one day
keys-grace-week = one week
keys-revoke = Revoke
keys-revoke-lead = Programs that use this key will be refused at once. This cannot be undone.
keys-done-revoked = The key has been revoked.
keys-done-made = The key was already created, and its secret was shown once. If you missed it, rotate the key.
scope-read = Read your data
scope-instances-write = Create, start, stop and delete instances
scope-tickets-write = Open and answer tickets
scope-billing-write = Change the plan and pay invoices
scope-inference = Use models
# The log.
log-title = Security log
log-lead = Everything that happened to your account’s security in the last 400 days.
log-empty = Nothing has happened yet
log-all = See all
log-what = What
log-when = When
log-who = Who
log-where = IP address
log-device = Device
log-by-link = A link in an email
event-signed_in = Signed in
event-backup_code_used = Backup code used
event-second_factor_on = Two-factor authentication turned on
event-second_factor_off = Two-factor authentication turned off
event-backup_codes_made = New backup codes made
event-password_changed = Password changed
event-password_reset = Password reset
event-email_change_asked = New email address entered
event-email_changed = Email address changed
event-elevated = Identity confirmed again
event-session_ended = Session ended
event-sessions_ended = All other sessions ended
event-api_key_made = API key created
event-api_key_changed = API key changed
event-api_key_rotated = API key rotated
event-api_key_revoked = API key revoked
event-not_me = Account secured from an email
event-service_key_made = Service key created
event-service_key_revoked = Service key revoked
off-heading = Turn off two-factor authentication
keys-networks-fact = Allowed addresses
keys-limit-fact = Monthly cost limit
keys-expires-fact = Expires
