"""Kinds of text to pull fields from: who or what it is about, its fields, and how each is told.

A field line is: value kind :: key names :: verb phrases :: first-person verb phrases :: appositions
A phrase holds [v] for the value. Whole-text templates use [key] for the field of that first key name.
"""

PERSON_FIELDS = """
age :: age :: is [v] years old; is [v]; turned [v] {this year|last week|yesterday|in spring}; is now [v]; is [v] years of age; has just turned [v] :: am [v] years old; am [v]; just turned [v]; turned [v] last {week|month|year} :: [v]; aged [v]; age [v]; [v] years old; a [v]-year-old
city :: city, town, home_city, location, residence :: lives in [v]; comes from [v]; is from [v]; moved to [v]{| last year| recently}; is based in [v]; resides in [v]; was born in [v]; {calls|has made} [v] {home|a home}; now lives in [v]; grew up in [v] :: live in [v]; am from [v]; come from [v]; am based in [v]; moved to [v]{| last year| recently}; am writing from [v] :: from [v]; of [v]; based in [v]; who lives in [v]; a resident of [v]
job :: job, occupation, profession, role, job_title :: works as [a:v]; is [a:v]; is employed as [a:v]; has a job as [a:v]; earns a living as [a:v]; became [a:v] :: work as [a:v]; am [a:v]; am working as [a:v] :: [a:v]; the [v]; who is [a:v]
company :: company, employer, workplace, organization :: works {for|at} [v]; is employed {by|at} [v]; joined [v]{| last year| in March}; was hired by [v]; started at [v]{| last month} :: work {for|at} [v]; joined [v]; am with [v] :: of [v]; from [v]; who works {for|at} [v]
email :: email, email_address, mail, contact :: can be reached at [v]; uses the address [v]; {has the email|has the email address} [v]; reads mail at [v]; can be contacted at [v]; asks to be written to at [v] :: can be reached at [v]; use [v]; have the email address [v] :: [v]; email [v]; reachable at [v]
phone :: phone, phone_number, telephone, mobile, number :: can be called {at|on} [v]; has the {phone number|number|telephone number} [v]; answers the phone at [v]; is reachable {on|at} [v] :: can be called {at|on} [v]; have the phone number [v]; am reachable on [v] :: phone [v]; tel. [v]; phone number [v]
hobby :: hobby, interest, pastime, favorite_activity :: enjoys [v]; loves [v]; likes [v]; is fond of [v]; spends weekends on [v]; is passionate about [v]; is into [v] :: enjoy [v]; love [v]; like [v]; am into [v] :: a fan of [v]; who loves [v]; fond of [v]
country :: country, nationality_country, homeland, birth_country :: was born in [v]; comes from [v]; is originally from [v]; grew up in [v] :: was born in [v]; am originally from [v]; come from [v] :: from [v]; originally from [v]; born in [v]
language :: language, native_language, mother_tongue, spoken_language :: speaks [v]; is fluent in [v]; teaches [v]; is learning [v] :: speak [v]; am fluent in [v]; am learning [v] :: a [v] speaker; fluent in [v]
weekday :: day, weekday, available_day, day_off :: is free on [v]; has [v] off; will visit on [v]; comes in every [v] :: am free on [v]; have [v] off :: free on [v]; available on [v]
date :: birthday, date_of_birth, birth_date, dob, born :: was born on [v]; has a birthday on [v]; celebrates a birthday on [v] :: was born on [v] :: born on [v]; born [v]
color :: favorite_color, color, hair_color, eye_color :: loves the color [v]; likes [v] best; always wears [v]; picked [v] as favorite color :: love the color [v]; like [v] best; always wear [v] :: in [v]; dressed in [v]
animal :: pet, animal, pet_type, favorite_animal :: has a pet [v]; keeps [a:v]; owns [a:v]; dreams of having [a:v] :: have a pet [v]; keep [a:v] :: with a pet [v]
address :: address, street_address, street, home_address :: lives at [v]; has an office at [v]; can be found at [v]; moved to [v] :: live at [v] :: of [v]; at [v]
person :: partner, spouse, friend, manager, boss, neighbor, sister, brother :: is a friend of [v]; met [v]; reports to [v]; {works|lives} with [v]; is married to [v] :: work with [v]; live with [v]; report to [v] :: a friend of [v]
year :: year, birth_year, graduation_year, start_year, since :: graduated in [v]; was born in [v]; started in [v]; retired in [v]; has been there since [v] :: graduated in [v]; started in [v]; was born in [v] :: class of [v]; born in [v]
subject :: subject, major, field, course, favorite_subject :: studies [v]; teaches [v]; majors in [v]; likes [v] at school :: study [v]; teach [v]; am majoring in [v] :: a student of [v]
measure :: height, weight, reach :: {measures|reaches} [v]; comes to [v] :: measure [v] :: [v]
"""

THING_FIELDS = """
price :: price, cost, amount :: costs [v]; is {priced|sold|offered|listed|available} at [v]; sells for [v]; goes for [v]; can be bought for [v]; is yours for [v]; has a price of [v]; is on sale for [v]; retails at [v] :: - :: at [v]; for [v]; priced at [v]; only [v]
color :: color, colour, finish :: is [v]; comes in [v]; is available in [v]; has a [v] finish; is painted [v] :: - :: in [v]; colored [v]
measure :: weight, size, width, height, length, dimensions :: weighs [v]; measures [v]; is [v] {long|wide|high|heavy}; comes to [v] :: - :: weighing [v]; [v]
company :: brand, maker, manufacturer, vendor, supplier, seller :: is made by [v]; comes from [v]; is {produced|built|sold|supplied|distributed} by [v] :: - :: by [v]; made by [v]; from [v]
count :: quantity, stock, units, count, in_stock :: has [v] units left; is down to [v] pieces; is {stocked|packed} in lots of [v] :: - :: [v] in stock; [v] available; quantity [v]
rating :: rating, score, stars :: is rated [v]{| out of 10| stars}; has a rating of [v]; scores [v]{| in reviews}; got [v] stars :: - :: rated [v]; [v] stars
size :: size :: comes in size [v]; is available in [v]; is size [v] :: - :: size [v]; in size [v]
code :: sku, model, code, item_number, serial_number, product_code :: has the {code|model number|item number|serial number} [v]; is listed {as|under} [v]; carries the number [v] :: - :: {code|model|item|no.|number} [v]
duration :: warranty, delivery_time, battery_life, duration :: has a warranty of [v]; ships in [v]; lasts [v]; arrives within [v] :: - :: [v] warranty
percent :: discount, discount_percent :: is [v] off; is discounted by [v]; comes with a [v] discount :: - :: [v] off
country :: origin, country, made_in, country_of_origin :: is made in [v]; comes from [v]; was imported from [v] :: - :: made in [v]; from [v]
date :: release_date, date, available_from :: {was released|came out|launched} on [v]; is available from [v]; will be in stores on [v] :: - :: released [v]; out [v]
"""

EVENT_FIELDS = """
date :: date, day, event_date :: is on [v]; takes place on [v]; is {scheduled|planned|set} for [v]; will be held on [v]; has been moved to [v] :: - :: on [v]
time :: time, start_time, start, begins_at :: {starts|begins} at [v]; is at [v]; kicks off at [v]; opens its doors at [v] :: - :: at [v]; from [v]
city :: city, location, place, venue_city :: is in [v]; takes place in [v]; will be held in [v]; comes to [v] :: - :: in [v]
place :: venue, location, place, room :: is in [v]; will be held {at|in} [v]; takes place {at|in} [v]; meets at [v] :: - :: at [v]; in [v]
person :: host, organizer, speaker, presenter, contact, attendee, leader :: is {hosted|organized|led|given|run|presented} by [v]; features [v]; will be opened by [v] :: - :: with [v]; hosted by [v]; by [v]
price :: price, ticket_price, fee, cost, admission :: costs [v]{| per person}; has tickets {for|at} [v]; charges [v] at the door :: - :: tickets [v]; [v] per ticket
count :: attendees, capacity, guests, seats, participants :: has room for [v] people; expects [v] guests; drew [v] visitors; has [v] seats :: - :: for [v] people; [v] seats
duration :: duration, length :: lasts [v]; runs for [v]; takes [v] :: - :: for [v]
weekday :: day, weekday :: is on [v]; happens every [v]; was moved to [v]; falls on [v] :: - :: on [v]; this [v]; next [v]
language :: language :: is held in [v]; will be in [v] :: - :: in [v]
"""

WORK_FIELDS = """
person :: author, director, artist, writer, creator :: was {written|made|created} by [v]; is by [v]; is the work of [v] :: - :: by [v]; written by [v]
year :: year, publication_year, release_year, published :: {came out|appeared|was published|was released} in [v]; dates from [v] :: - :: from [v]; published in [v]; ([v]); [v]
count :: pages, page_count, length, tracks, minutes :: has [v] pages; runs to [v] pages; is [v] pages long :: - :: [v] pages; with [v] pages
company :: publisher, studio, label :: was published by [v]; is published by [v]; came out at [v] :: - :: published by [v]
price :: price, cost :: costs [v]; sells for [v]; is available for [v] :: - :: for [v]; at [v]
rating :: rating, score :: is rated [v]{| out of 10| stars}; got [v] stars; scored [v] :: - :: rated [v]
language :: language :: is written in [v]; appeared in [v]; was translated into [v] :: - :: in [v]
city :: setting, city, place :: is set in [v]; takes place in [v]; was filmed in [v] :: - :: set in [v]
animal :: hero, main_character :: is about [a:v]; follows [a:v]; tells of [a:v] :: - :: about [a:v]
"""

TRIP_FIELDS = """
city :: destination, to, arrival_city, city :: {goes|flies|travels|leaves|runs} to [v]; {arrives|lands} in [v]; is bound for [v] :: - :: to [v]; bound for [v]
city2 :: origin, from, departure_city, departure :: leaves from [v]; departs from [v]; starts in [v]; comes from [v]; sets off from [v] :: - :: from [v]; out of [v]
time :: departure_time, time, departs_at, departure :: leaves at [v]; departs at [v]; takes off at [v]; sets off at [v]; is due at [v] :: - :: at [v]; departing at [v]
gate :: gate, platform :: {boards|leaves|departs} {at|from} gate [v]; uses gate [v]; was moved to gate [v] :: - :: gate [v]; from gate [v]
date :: date, travel_date, departure_date :: leaves on [v]; is on [v]; is booked for [v] :: - :: on [v]
price :: price, fare, cost, ticket_price :: costs [v]; has fares from [v] :: - :: for [v]; at [v]
person :: passenger, name, traveler, pilot :: carries [v]; is booked for [v]; has [v] on board; is flown by [v] :: - :: for [v]; with [v]
code :: seat, booking_code, ticket_number, reference :: has the booking code [v]; is booked under [v] :: - :: reference [v]; seat [v]
duration :: duration, flight_time, travel_time :: takes [v]; lasts [v]; is delayed by [v] :: - :: [v]
company :: airline, carrier, operator :: is operated by [v]; is run by [v]; belongs to [v] :: - :: operated by [v]; by [v]
"""

HOME_FIELDS = """
price :: rent, price, monthly_rent, cost :: costs [v]{| a month| per month}; rents for [v]; is on the market for [v]; goes for [v] :: - :: for [v]; at [v]
small :: bedrooms, rooms, bathrooms, guests :: has [v] bedrooms; comes with [v] bedrooms; offers [v] bedrooms :: - :: with [v] bedrooms; [v] bedrooms
city :: city, location, town :: is in [v]; is located in [v]; stands in [v] :: - :: in [v]
address :: address, street :: is at [v]; stands at [v]; can be found at [v] :: - :: at [v]
measure :: area, size :: measures [v]; has [v] of space :: - :: [v]
date :: available_from, move_in_date, available, date :: is free from [v]; is available from [v]; can be moved into on [v] :: - :: free from [v]; available [v]
person :: owner, landlord, agent, contact :: belongs to [v]; is owned by [v]; is let by [v] :: - :: owner [v]
year :: year_built, built, year :: was built in [v]; dates from [v] :: - :: built in [v]; from [v]
phone :: phone, contact_phone :: can be viewed by calling [v] :: - :: call [v]
small2 :: floor, level :: is on floor [v]; is on level [v] :: - :: floor [v]
"""

ORDER_FIELDS = """
product :: product, item, article, product_name :: is for [a:v]; contains [a:v]; includes [a:v]; was for [a:v] :: - :: for [a:v]; [v]
person :: customer, name, buyer, client, customer_name :: was placed by [v]; belongs to [v]; is for [v]; was made by [v]; came from [v] :: - :: from [v]; by [v]; for [v]
price :: total, amount, price, total_price, sum :: comes to [v]; totals [v]; costs [v] in total; amounts to [v]; adds up to [v] :: - :: total [v]; for [v]
count :: quantity, items, units :: contains [v] items; has [v] units; lists [v] pieces :: - :: [v] items; quantity [v]
date :: date, order_date, due_date, delivery_date, shipping_date :: {was placed|was sent|shipped|arrived} on [v]; will {arrive|be delivered|ship} on [v]; is due on [v] :: - :: on [v]; due [v]; dated [v]
city :: city, destination, shipping_city, delivery_city :: ships to [v]; goes to [v]; was sent to [v]; will be delivered to [v] :: - :: to [v]
address :: address, delivery_address, shipping_address :: ships to [v]; is to be delivered to [v]; goes to [v] :: - :: to [v]
company :: store, shop, seller, supplier, company :: was placed at [v]; comes from [v]; was shipped by [v] :: - :: from [v]; at [v]
status :: status, state :: is [v]; is currently [v]; is marked as [v] :: - :: [v]; status [v]
email :: email, contact :: was confirmed to [v]; is linked to [v] :: - :: [v]
"""

PET_FIELDS = """
animal :: species, animal, type, kind :: is [a:v]; is a young [v]; is an old [v] :: - :: [a:v]; the [v]
age :: age :: is [v] years old; turned [v]; is [v] :: - :: [v] years old; aged [v]
color :: color, colour, fur_color :: is [v]; has [v] fur; is mostly [v] :: - :: [v]
person :: owner, keeper, vet, owner_name :: belongs to [v]; is owned by [v]; lives with [v] :: - :: owned by [v]; with owner [v]
measure :: weight, length :: weighs [v]; measures [v] :: - :: weighing [v]
city :: city, home, location :: lives in [v]; was found in [v]; comes from [v] :: - :: from [v]; in [v]
food :: food, favorite_food, diet :: eats [v]; loves [v]; lives on [v] :: - :: fond of [v]
"""

TEAM_FIELDS = """
city :: city, home, location :: plays in [v]; is based in [v]; comes from [v] :: - :: from [v]; of [v]
person :: captain, coach, player, scorer, manager :: is led by [v]; is coached by [v]; has [v] as captain :: - :: with captain [v]; under [v]
count :: points, wins, goals, score, members :: has [v] points; scored [v] goals; has won [v] games; has [v] members :: - :: with [v] points
year :: founded, year, since, founding_year :: was founded in [v]; has existed since [v]; started in [v] :: - :: founded in [v]
hobby :: sport, game :: plays [v]; competes in [v] :: - :: a {club|team} for [v]
color :: color, colors, jersey_color :: plays in [v]; wears [v] :: - :: in [v]
weekday :: day, training_day, match_day :: trains on [v]; plays next on [v] :: - :: on [v]
person2 :: founder, sponsor, star :: was founded by [v]; is paid for by [v] :: - :: founded by [v]
"""

BUSINESS_FIELDS = """
city :: city, location, headquarters, town :: is based in [v]; has its headquarters in [v]; is in [v]; opened in [v] :: - :: in [v]; of [v]; from [v]
person :: owner, founder, ceo, manager, chef, contact :: is {owned|run|led|managed} by [v]; was founded by [v]; has [v] as its chief :: - :: run by [v]; under [v]
year :: founded, year, founding_year, since, opened :: was founded in [v]; opened in [v]; was started in [v]; has been around since [v] :: - :: founded in [v]; since [v]
count :: employees, staff, workers, members, branches :: employs [v] people; has [v] employees; has a staff of [v] :: - :: with [v] employees
phone :: phone, phone_number, telephone :: can be called at [v]; takes calls on [v] :: - :: phone [v]; tel. [v]
url :: website, url, site :: has a website at [v]; is online at [v]; can be found at [v] :: - :: [v]
email :: email, contact_email :: can be reached at [v]; answers mail at [v] :: - :: [v]
address :: address, street :: is at [v]; stands at [v]; moved to [v] :: - :: at [v]
time :: opening_time, opens_at, opens, closing_time :: opens at [v]; closes at [v] :: - :: open from [v]
rating :: rating, stars :: is rated [v]{| stars| out of 10}; has [v] stars :: - :: rated [v]
noun :: sells, product, specialty :: sells every kind of [v]; is known for its [v]; makes the best [v] in town :: - :: famous for its [v]
"""
