# Mails.
mail-hello = Hello { $name },
mail-footer = You received this email because someone used this address at { $url }.
mail-verify-subject = Confirm your email address
mail-verify-lead = Please confirm your email address to activate your account. The link works once and expires in 24 hours.
mail-verify-action = Confirm the address
mail-verify-ignore = If you did not register, you can ignore this email.
mail-known-subject = You already have an account
mail-known-lead = Someone, probably you, tried to register with this address. It already has an account, so just sign in.
mail-known-action = Sign in
mail-known-ignore = If that was not you, you can ignore this email. Nobody was told that this address has an account.
