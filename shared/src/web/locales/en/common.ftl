# What every page says.
brand = AI rental panel
skip-to-content = Skip to content
main-menu = Main menu
sign-out = Sign out
to-start = To the start page
request-id = Request id:
form-has-errors = Please look at these again:
nav-dashboard = Dashboard
nav-usage = Usage
nav-profile = Profile
money = ${ $amount }
percent = { $number }%
nav-api = API
