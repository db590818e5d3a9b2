# What every page says.
brand = AI rental panel
skip-to-content = Skip to content
main-menu = Main menu
sign-out = Sign out
to-dashboard = To the dashboard
request-id = Request id:
form-has-errors = Please look at these again:
nav-dashboard = Dashboard
nav-usage = Usage
nav-profile = Profile
money = ${ $amount }
percent = { $number }%
requests-counted = { $count ->
    [one] { $number } request
   *[other] { $number } requests
}
