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
verify-detail = Confirm that this address is yours.
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
code-back = Back to sign in
# Proving oneself again.
sudo-title = Confirm it’s you
sudo-lead = This action is sensitive. Confirm it’s you to continue; we won’t ask again for 10 minutes.
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
not-me-lead = If you did not make the change described in the email, someone else may be using your account. This button:
not-me-sessions = ends all sessions on all devices;
not-me-password = disables the current password and lets you set a new one;
not-me-email = restores the address that the email was sent to, and cancels a change that is not confirmed yet.
not-me-submit = Secure my account
not-me-else = Afterwards, review your security log and the API keys that remain.
not-me-factor = turns two-factor authentication off if it was turned on by this change or since;
not-me-oldest = If several emails tell of changes that you did not make, use “This wasn’t me” in the oldest one.
not-me-codes = voids backup codes that were made by this change or since;
not-me-keys = revokes the API keys that were created, rotated or given more rights since this change;
# The page of security.
security-title = Security
security-lead = What protects your account, and what to do next.
security-next-factor = Your password is all that protects this account. Turn on two-factor authentication: it takes two minutes.
security-next-codes = You have few backup codes left. Generate new ones so that you can still sign in without your phone.
security-next-nothing = Your account is well protected. There is nothing to do.
security-password-lead = A few uncommon words are easy to remember and hard to guess.
security-on = On
security-off = Off
security-factor-since = On since { $time }
security-manage = Manage
security-sessions =
    { $count ->
        [one] One active session
       *[other] { $number } active sessions
    }
security-latest = Recent activity
security-done-password = Your password has been changed. Your other sessions have ended.
security-done-on = Two-factor authentication is on.
security-done-off = Two-factor authentication is off.
security-done-codes = Your new backup codes are in force.
# The second factor.
factor-title = Two-factor authentication
factor-lead = When you sign in, you enter a code from your phone as well as your password.
factor-turn-on = Turn on
factor-step-program = You need an authenticator app, such as Google Authenticator, 1Password or Aegis.
factor-step-code = Scan a QR code with it, then enter the code it shows.
factor-step-backup = Save ten backup codes in case you lose your phone.
factor-begin = Set up
factor-scan = Scan the QR code with your authenticator app, then enter the code it shows.
factor-qr = QR code
factor-key = Or enter this key in the app:
factor-open = Open in an authenticator app on this device
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
codes-used = The code beginning with { $slot } was used on { $time }
codes-make = Generate new codes
codes-make-lead = Ten new codes will be generated. The old ones will stop working.
codes-once = These codes are shown only once. Save them somewhere safe, such as a password manager.
codes-saved = I have saved them
codes-done = Done
codes-last-step = Two-factor authentication is on. One last step: save your backup codes.
off-title = Turn off
off-lead = Without two-factor authentication your password is all that protects this account. Your backup codes will stop working too.
off-submit = Turn off
off-heading = Turn off two-factor authentication
# Sessions.
sessions-title = Sessions
sessions-lead = Where you are signed in. If you don’t recognize one, end it and change your password.
sessions-this = This device
sessions-since = Signed in
sessions-seen = Last seen
sessions-end = End
sessions-end-others = End all others
sessions-end-others-lead = You will be signed out everywhere except on this device.
sessions-ended-one = The session has ended.
sessions-ended-others = All other sessions have ended.
# The log.
log-title = Security log
log-lead = Everything that happened to your account’s security in the last 400 days.
log-empty = Nothing has happened yet
log-all = See all
log-by-link = A link in an email
log-by-key = The program with the key { $name }
log-by-machine = The rental company’s machine { $name }
log-by-staff = The rental company’s staff
log-by-schedule = The panel, at the time set for it
event-signed_in = Signed in
event-backup_code_used = Backup code used
event-wrong_codes = Wrong codes were entered several times
event-second_factor_on = Two-factor authentication turned on
event-second_factor_off = Two-factor authentication turned off
event-backup_codes_made = New backup codes generated
event-password_changed = Password changed
event-password_reset = Password reset
event-email_change_asked = Email address change requested
event-email_changed = Email address changed
event-elevated = Identity confirmed
event-session_ended = Session ended
event-sessions_ended = All other sessions ended
event-api_key_made = API key created
event-api_key_changed = API key changed
event-api_key_rotated = API key rotated
event-api_key_revoked = API key revoked
event-not_me = Account secured from an email
event-service_key_made = Service key created
event-service_key_revoked = Service key revoked
sudo-again = Nothing has been changed yet: press the button again.
not-me-done = Your account is secured: all sessions have ended, and the old password no longer works. Set a new one.
login-changed = Your email address has been changed. Sign in with it from now on.
register-sent-else = Wrong address, or no email?
register-again = Register again
event-account_suspended = Staff suspended the account
event-account_activated = Staff activated the account
