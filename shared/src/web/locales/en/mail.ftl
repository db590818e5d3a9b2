# Mails.
mail-hello = Hello { $name },
mail-footer = You received this email because someone used this address at { $url }.
mail-verify-subject = Confirm your email address
mail-verify-lead = Please confirm your email address to activate your account. The link works once and expires in 24 hours.
mail-verify-action = Confirm the address
mail-verify-ignore = If you did not register, you can ignore this email.
mail-known-subject = You already have an account
mail-known-lead = Someone, probably you, tried to use this address for an account. It already has one, so just sign in.
mail-known-action = Sign in
mail-known-ignore = If that was not you, you can ignore this email. Nobody was told that this address has an account.
mail-change-subject = Confirm your new email address
mail-change-lead = Please confirm that this address is yours. From then on you sign in with it. The link works once and expires in 24 hours.
mail-change-action = Confirm the address
mail-change-ignore = If you did not ask for this, you can ignore this email.
mail-reset-subject = Set a new password
mail-reset-lead = Someone, probably you, asked to set a new password for this account. The link works once and expires in 30 minutes; only the newest link works.
mail-reset-action = Set a new password
mail-reset-ignore = If that was not you, you can ignore this email. Your password has not changed.
mail-notice-lead = This just happened in your account:
mail-notice-time = Time:
mail-notice-address = IP address:
mail-notice-device = Device:
mail-notice-action = This wasn’t me
mail-notice-ignore = If this was you, you can ignore this email. If not, use “This wasn’t me” within 7 days to end all sessions, undo what was changed since, and set a new password.
mail-footer-account = You received this email because this address belongs to an account at { $url }.
mail-notice-what = What:
mail-closed-subject = This address no longer opens your account
mail-closed-lead = Someone who reads the previous email address of your account told us that the change of address was not theirs. All sessions have ended, and you can no longer sign in with this address.
mail-closed-ignore = If the change was yours, please contact us. If not, there is nothing to do.
mail-check-subject = Confirm your email address
mail-check-lead = You asked us to email notifications to this address again. Please confirm that you receive our emails. The link works once and expires in 30 minutes.
mail-check-action = Confirm the address
mail-check-ignore = If you did not ask for this, you can ignore this email.
mail-told-action = Open the portal
mail-told-ignore = You can choose what is emailed to you in the portal, under Notifications.
mail-many-gathered-subject = { $count ->
    [one] { $number } more notification
   *[other] { $number } more notifications
}
mail-many-quiet_hours-subject = { $count ->
    [one] { $number } notification from your quiet hours
   *[other] { $number } notifications from your quiet hours
}
mail-many-digest-subject = { $count ->
    [one] Your day: { $number } notification
   *[other] Your day: { $number } notifications
}
mail-many-lead = This happened in your account:
mail-many-more = { $count ->
    [one] And { $number } more. You find all of them under Notifications.
   *[other] And { $number } more. You find all of them under Notifications.
}
mail-many-notice-lead = These changes were made in your account:
mail-many-notice-ignore = If these were yours, you can ignore this email. If not, use “This wasn’t me” within 7 days: it ends all sessions and undoes what was changed since the oldest of them.
mail-many-notice-action = This wasn’t me
