# Mails.
mail-hello = Hello { $name },
mail-footer = You get this mail because somebody used this address at { $url }.
mail-verify-subject = Confirm your e-mail address
mail-verify-lead = please confirm your address, and your account is ready. The link is good for 24 hours and once.
mail-verify-action = Confirm the address
mail-verify-ignore = If you did not register, you need do nothing.
mail-known-subject = You already have an account
mail-known-lead = somebody, probably you, wanted to register with this address. It already has an account: just sign in.
mail-known-action = Sign in
mail-known-ignore = If that was not you, you need do nothing: nobody learned that the address is known here.
