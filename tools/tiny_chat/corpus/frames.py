"""Sentences with roles: <kind:key,key,...> marks a value and the names that people give to its field."""

FRAMES = """
<person:sender,payer,from,name> {sent|paid|gave|transferred|owes|lent} <money:amount,sum,price,total> to <person:recipient,receiver,to,payee>.
<person:sender,name,payer,person> {sent|paid|gave|lent} <number:amount,value,sum> <unitmoney:currency,unit> to {her|his} {brother|sister|friend|landlord|mother|neighbor}.
<person:buyer,customer,name,client> {bought|ordered|purchased|picked up} a <thing:item,product,article,object> for <money:price,cost,amount>{| from his neighbor| online| yesterday| in the sale| last week}.
<person:buyer,customer,name,shopper> {bought|ordered|picked up|grabbed|got} <count:quantity,count,number,amount> <things:item,product,items,goods> at <proper:store,shop,market,place>.
We {sold|shipped|received|ordered|delivered|need} <count:quantity,count,units,amount> <things:product,item,article,goods> {at|for} <money:price,unit_price,cost> {each|apiece|per piece}.
<person:seller,name,vendor,person> {sold|is selling|sells} {a|his|her|the} <thing:item,product,object> for <money:price,amount,cost>{| to <person:buyer,customer>}.
{I|He|She|They} paid <money:price,cost,amount> for a <color:color,colour> <thing:item,product,car,object>.
{She|He|I} {ordered|bought|wore|found|wants} a <color:color,colour> <material:material,fabric> <nounw:item,product,garment,article> in size <size:size>.
A <color:color,colour> <material:material> <nounw:item,object,product> {was found|is for sale|was left} in <city:city,place,location>.
The <thing:product,item,name> {is made of|is made from|consists of} <material:material> and {costs|weighs|measures|is} <any:price,weight,size,cost>.
At <proper:restaurant,cafe,place,venue> the <thing:dish,food,item,meal> costs <money:price,cost>{| and comes with <things:side,extra>}.
The <thing:dish,recipe,meal,food> serves <small:servings,portions,people> {people |}and {is ready in|takes|needs} <duration:time,duration,cooking_time>.
The <thing:event,name,title> {will take place|takes place|is held|will be held|starts} on <date:date,day,when> in <city:location,city,place,where>.
The <thing:event,meeting,name> {is on|was moved to|takes place on|will be on} <weekday:day,weekday,meeting_day> at <time:time,start_time,hour> in room <room:room,room_number>.
<person:patient,name,client> has an appointment with <titled:doctor,dentist,therapist,with> {on <weekday:day,weekday>|tomorrow|at the clinic|today} at <time:time,hour,when>.
<titled:doctor,physician> {will see|examined|is seeing|treated} <person:patient,name> {on|this} <weekday:day,weekday>{| at <time:time>}.
<title:title,book,name,work>, a {novel|book|film|play|poem|story} by <person:author,writer,creator,director>, {was first published|came out|appeared|was released} in <year:year,published,publication_year>.
<title:title,movie,film,name> (<year:year,release_year>) was {directed|written|made|produced} by <person:director,author,writer>.
{We watched|I saw|She recommended|He hated} <title:movie,title,film,book> by <person:director,author,creator>{| from <year:year>}.
<person:author,writer,name> {wrote|published|finished} <title:title,book,novel> {in|back in} <year:year,date>.
The song <title:song,title,track> by <person:artist,singer,band> {lasts|runs for|is} <duration:length,duration,time>{| long}.
<person:name,employee,person> is a <role:job,occupation,position,profession,title> at <proper:company,employer,workplace,organization>.
<person:name,employee,person> {works|worked|is working} {as a|as the} <role:job,position,role,occupation> {at|for|with} <proper:company,employer,firm>{| in <city:city,location>}.
<person:name,employee,hire> {was hired|started|was promoted|begins|was employed} as a <role:position,job,role,title> with a salary of <money:salary,pay,wage,income>.
<person:employee,name,person> {will join|joins|joined|leaves|left} the <nounw:department,team,division,unit> {department|team|division} on <date:start_date,date,day>.
<person:name,person,scientist,discoverer>, a <role:occupation,job,profession> from <country:country,origin,home>, {discovered|invented|built|found|designed} a new <thing:discovery,invention,object,thing>.
The <role:role,job,profession> <person:winner,name,recipient> won the <proper:prize,award,trophy> {in <year:year>|for <phrase:reason,topic,work>|last night|this year}.
In <year:year> <person:winner,name,artist,laureate> {won|received|got|was given} the <proper:prize,award,medal>.
The <proper:team,winner,home_team> {beat|defeated|lost to|played against|drew with|crushed} the <proper:opponent,loser,away_team,rival> <score:score,result> on <weekday:day,weekday>.
<proper:team,winner,club> {won|lost} <score:score,result> against <proper:opponent,rival> in <city:city,location,place>.
<person:player,scorer,name> scored <count:points,goals,score> {points|goals} for <proper:team,club>{| against <proper:opponent>}.
Flight <flight:flight,flight_number,number> {departs|leaves} <city:origin,departure_city,from,departure> at <time:departure_time,time> and {arrives in|lands in|reaches} <city:destination,arrival_city,to,arrival> at <time:arrival_time,arrives>.
The {train|bus|ferry} {ride |journey |trip |}from <city:origin,from,start,departure> to <city:destination,to,end,arrival> {takes|lasts} <duration:duration,time,travel_time>{| and costs <money:price,fare,cost>}.
{It is|It was|We have|They expect} <degrees:temperature,degrees> in <city:city,location,place> {today|tomorrow|now|this morning}.
The temperature in <city:city,place,location> {is|was|reached} <degrees:temperature,value>{.| and the wind came from the <nounw:direction,wind>.}
The weather in <city:city,location> {is|will be|was} <quality:weather,condition,forecast> with <degrees:temperature,high>.
<city:city,town,place,name> has a population of <bignum:population,inhabitants,people>{.| and lies in <country:country>.}
The capital of <proper:country,state,nation> is <city:capital,city>, and people there speak <language:language>.
{The|Our} sensor <code:sensor,id,device,name> {reported|measured|shows|sent} a value of <rating:value,reading,measurement> in unit <nounw:unit,units>.
User <handle:username,user,login,handle> {signed up|registered|logged in|posted} on <url:website,site,url>{| yesterday| today| on <date:date>}.
{You can reach|Contact|Please contact|Write to} {our|the} <thing:department,contact,team,office> at <email:email,email_address,mail> or <phone:phone,phone_number,telephone>.
{Contact|Ask|Write to|Email} <person:name,contact,person> at <email:email,address,mail> {for details|for more|if you have questions|about the <thing:topic,subject>}.
{Please send|Send|Deliver|Ship} the <nounw:item,object,package> to <address:street,address,street_address>, <city:city,town>, <zip:zip,postcode,postal_code,zip_code>.
<person:name,resident,customer> lives at <address:address,street> in <city:city,town> (<zip:zip,postcode,postal_code>).
Invoice <code:invoice_number,invoice,number,id> dated <date:date,invoice_date> is for <money:amount,total,sum,price>.
Order <code:order_id,order_number,order,id> was placed by <person:customer,name,buyer> for a total of <money:total,amount,price,sum>.
{On|During} {tonight's show|the program|this episode}, <person:host,presenter,interviewer> talks with <person:guest,speaker,interviewee> about <phrase:topic,subject,theme>.
<person:speaker,lecturer,name,presenter> {gave a talk|spoke|will speak|lectured|wrote an article} {on|about} <phrase:topic,subject,theme> {in|at} <proper:venue,place,event,location>.
<titled:teacher,professor,instructor,lecturer> teaches <things:course,subject,class> every <weekday:weekday,day>.
<person:student,name,pupil> {got|received|scored|has} <rating:grade,score,mark,points> in <things:subject,course,class,exam>.
My {uncle|aunt|cousin|brother|sister|friend|neighbor} <person:name,person,musician,player> plays the <nounw:instrument> in {an orchestra|a band|the evening}.
{Our|My|The|Their} <animal:animal,species,pet,type> <firstname:name,pet_name> is <age:age> years old{.| and loves <things:food,toy>.}
{A|The} <animal:animal,species> {called|named} <firstname:name> {lives|sleeps} in the <nounw:place,location,home>.
The <nounw:plant,species,tree,flower> {grew to|reached|has} a height of <measure:height,size>{| in <duration:time,duration>}.
We stayed <small:nights,days,duration> nights at the <proper:hotel,place,inn> and paid <money:price,cost,total>.
<person:guest,name,traveler> booked a <quality:room_type,room,type> room at <proper:hotel,place> {for|from} <date:date,check_in,arrival>.
The new <proper:model,product,name> from <proper:brand,maker,company,manufacturer> {is available for|costs|sells for} <money:price,cost>.
<proper:company,buyer,firm> {bought|acquired|merged with|sold|sued} <proper:target,company2,startup,competitor> {for <money:price,amount,value>|in <year:year>}.
<proper:company,name,firm> {makes|sells|builds|imports|exports} <things:product,products,goods> in <city:city,location>.
<person:founder,owner,name> {founded|started|opened|runs} <proper:company,business,shop,name> in <year:year,founded>.
<person:name,runner,athlete,winner> {finished|ran|completed|swam} the <thing:race,event,distance> in <duration:time,result>.
<person:name,person> {lost|found|left|dropped|forgot} {a|the|her|his} <thing:item,object> {in|at|near} the <nounw:place,location,where>.
<person:name,person> {turned|is turning|will be} <age:age> {in <city:city,place>|on <date:date,birthday>|this <weekday:day,weekday>}.
<person:name,woman,man,person>, who is <age:age>, {runs|owns|manages|opened} a <nounw:business,shop,place> in <city:city,town,location>.
In the town of <city:city,town,place> lives {a|an} <agenum:age>-year-old {woman|man|girl|boy|person} {called|named} <person:name,person>.
Last {week|month|year|night}, <person:name,person,winner> (<agenum:age>) from <city:city,town,home> {won the lottery|broke a record|saved a dog|was elected|opened a museum}.
I'm {called |}<person:name>, I'm <age:age> and I live {near|in|close to|just outside} <city:city,town,place>.
{I am|I'm} <person:name,user>, <age:age>, and I've been living in <city:city,home,town> since <year:year,since>.
{Hello|Hi}! My name is <person:name>, I am <age:age> years old, I come from <city:city,town,origin> and my hobby is <hobbyw:hobby,interest>.
<person:mother,parent,name> and <person:father,spouse,partner> {live|moved|were married} in <city:city,place>{.| in <year:year>.}
<person:manager,boss,approver,lead> {asked|told|reminded|helped} <person:employee,assignee,worker> to {finish|send|check|fix|review|print} the <thing:task,document,item> by <date:deadline,due_date,date>.
The <thing:task,ticket,issue,job> {is assigned to|was given to|belongs to} <person:assignee,owner,person> with <quality:priority,level> priority.
Ticket <code:ticket,id,ticket_number,issue>: <phrase:problem,issue,subject,title>, reported by <person:reporter,user,customer>.
The <thing:project,name> started in <year:start_year,start,year> and {ended|will end|finished} in <year:end_year,end>.
The <thing:package,item,parcel,product> weighs <measure:weight> and is <measure:length,width,height> long.
The <nounw:building,structure,tower,bridge> was built in <year:year,built> by <person:architect,builder,designer> and is <measure:height> {tall|high}.
The river <proper:river,name> is <measure:length> long and flows through <city:city,town>.
{Car|Vehicle|Truck}: <proper:car,model,vehicle,name>, <color:color>, <year:year>, <money:price>.
He paid <money:price,cost> for a <color:color> <proper:car,model,vehicle>{| built in <year:year>}.
{Tickets|Entry|Admission} for the <thing:event,show,exhibition> {cost|costs|is} <money:price,cost,fee>{| and doors open at <time:time,opening_time>}.
The <nounw:shop,place,business> opens at <time:opens,opening_time,open> and closes at <time:closes,closing_time,close>.
<person:member,name> joined the <thing:club,group> {on <date:date,joined>|in <year:year,since>}.
The <thing:item,device,product> broke after <duration:duration,time,lifetime> and was {replaced|repaired} by <proper:company,shop,brand>.
<person:witness,name,person> saw a <color:color> <nounw:object,vehicle,thing> near the <nounw:place,location> at <time:time>.
<code:code,id,serial_number>: <things:item,product,name>, <count:quantity,stock,count> left, shelf <code:shelf,location>.
Version <version:version,release> of <proper:software,program,app,name> was released on <date:date,release_date>.
The password for <handle:user,username,account> is <code:password,secret,code>.
Dose: <measure:dose,amount> of <nounw:drug,medicine,medication>, <small:times,frequency> times a day, for <person:patient,name>.
<person:name,tenant> rents a <thing:apartment,property,type> on floor <small:floor,level> for <money:rent,price,cost> a month.
Bus <room:line,bus,number,route> goes to <proper:stop,destination,terminal> every <duration:interval,frequency>.
The <quality:color,type,kind,variety> <nounw:fruit,plant,item> {comes|came} from <country:country,origin> and {costs|cost} <money:price,cost>.
{The|A} <thing:vehicle,ship,train,plane> carried <bignum:passengers,people,capacity> passengers from <city:origin,from> to <city:destination,to>.
<person:student,name> studies <things:subject,major,field> at the University of <city:university,city,school>.
<person:artist,painter,name> painted <title:painting,title,work> in <year:year> using <things:material,medium,technique>.
"<phrase:quote,text,message>" said <person:speaker,person,name> on <weekday:day,weekday>.
From: <email:from,sender> To: <email:to,recipient> Subject: <phrase:subject,title>
The <nounw:metal,material,substance> melts at <degrees:melting_point,temperature> and has the symbol <gate:symbol,code>.
{Take|Use|Mix|Add} <measure:amount,quantity> of <things:ingredient,item> {and bake|and cook|, then wait} for <duration:time,duration>.
The meeting between <person:host,person1,organizer> and <person:guest,person2,visitor> lasted <duration:duration,length>.
<person:driver,name,pilot> drove <measure:distance,length> in a <color:color> <nounw:vehicle,car>.
<percent:percentage,share,percent,rate> of the <things:group,population,people> {like|prefer|use|own} <things:preference,product,item>.
Room <room:room,number> has <small:beds,windows,seats> {beds|windows|seats} and costs <money:price,rate>.
The <thing:invention,product,object> was invented by <person:inventor,creator,name> in <year:year,date>.
""".strip().split("\n")

BEFORE = ["{Last week|Yesterday|Today|This morning|In the news|By the way|As planned|According to the report|In short|In fact|For the record|We heard that|Good news|Note|Reminder|Update|FYI|It seems that|I read that|They say that|Apparently|As you know}{, |: |, }",
          "After {a long day|the storm|lunch|the meeting|the holidays|many years}, ", "{On a rainy day|In the evening|Before noon|Late at night|At the weekend}, "]
AFTER = [" {Everyone was pleased|It was a surprise|Nobody expected it|More will follow|That is all|We were glad|The rest is unknown|It rained all day|The crowd cheered|Please confirm|See you then}.",
         " The <x> {was|is} {quite|very|rather} <q>.", " {It|This} {was|is} {good|bad|big|small|old|late} news for the <x>.", " {People|Some|Many} {talked|wrote|asked} about the <x>.", " {She|He|They} also {likes|mentioned|saw|has} the <q> <x>."]
