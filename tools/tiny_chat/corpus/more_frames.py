"""More sentences with roles, in the notation of frames.py: everyday wording, one idea in several dresses."""

FRAMES = """
<person:name,person,resident> {has lived|has been living|lived} in <city:city,town,place> {all her life|all his life|for years|since childhood|since <year:since,year>}.
<person:name,person> {grew up|was raised|spent her childhood|spent his childhood} in <city:city,hometown,town> and now {lives|works} in <city:current_city,residence,place>.
{We|They|I} spent {our holiday|the weekend|a week|the summer|two days} in <city:city,town,place>, <country:country,state>.
{Greetings|Hello|Postcard} from <city:city,place>, <country:country>!
<person:name,person>, <role:job,occupation,role>, <city:city,place>
<person:name,person>, <agenum:age>, <city:city,town>
<thing:item,product,name>, <money:price,cost>, <color:color,colour>
<person:name,contact>; <email:email,mail>; <phone:phone,phone_number,number>
{Call|Ring|Phone|Try} <person:name,contact,person> {on|at|under} <phone:phone_number,phone,number,telephone>{| after five| before noon| on Monday| any time}.
{Text|Message|Reach} me {on|at} <phone:phone,phone_number,mobile>, {I am|my name is|this is} <person:name,sender,caller>.
{Our|The} {support|sales|service|help} desk: <email:email,mail,address>, <phone:phone,telephone,phone_number>.
{Email|Write to|Send a note to} <email:email,email_address,contact> {to book|to join|for tickets|if you want to come}{| before <date:deadline,date>}.
<person:name,employee,person> {joined|is joining|has joined|moved to} <proper:company,employer,firm> as <role:role,position,job,title>{| in May| last month| this week| on <date:start_date,date>}.
<person:name,employee> {left|is leaving} <proper:company,employer> {after|following} <duration:duration,tenure,years>{| as <role:role,position>}.
{The|Our} new <role:position,job,role> at <proper:company,employer> is <person:name,employee,person>.
<proper:company,employer,organization> {is looking for|needs|wants to hire} a <role:position,job,role,title> in <city:city,location,place>{| for <money:salary,pay> a year}.
The <thing:product,item,article> in <color:color,colour> is {now |now just |only |just |}<money:price,cost,amount>.
{The|Our} <color:color,colour> <thing:product,item> {sells|goes|is offered} for <money:price,cost>.
The <thing:product,item,jacket>, size <size:size>, {sells for|costs|is} <money:price,cost>.
{The price of|You pay for} the <thing:product,item,article> {is|was|dropped to|rose to}{:|} <money:price,cost,value>.
<money:price,cost,amount> {buys|gets} you a <thing:product,item,object>{| at <proper:store,shop>}.
<person:customer,buyer,name,client> {ordered|bought|requested|wants|took} <count:quantity,count,amount,number> <things:item,product,items,goods>{| today| by phone| last week}.
{Please send|Could you send|We need|Get|Buy} <count:quantity,count,number> <things:item,product,items> {by|before|on} <weekday:day,deadline,weekday>.
{There are|We have|They counted|The shop has} <count:quantity,count,stock,number> <things:item,product,items,object> in {stock|the box|the <nounw:place,location>}.
<person:name,child,person> {ate|carried|drew|lost|counted|collected} <count:count,number,quantity> <things:item,object,things>.
{Your|The} {order|parcel|package} <code:order_number,order,order_id,number> {will be delivered|arrives|will arrive|will come|is due} on <longdate:delivery_date,date,day,arrival>.
{Order|Parcel|Shipment} <code:order,order_number,id> {left|was sent from} <city:origin,from,city> on <longdate:date,sent,day> {and goes|for delivery} to <person:recipient,name,customer>.
{Bill|Invoice|Receipt} <code:invoice,number,id,invoice_number>, <money:amount,total,sum>, {due|to be paid by|payable by} <longdate:due_date,date,deadline>.
{We meet|Let us meet|See you|I will be there} on <longdate:date,day,when> at <time:time,hour> {at|in front of|near} the <nounw:place,location,venue>.
The <thing:event,meeting,activity> {has been moved|was moved|has been postponed|is now} to <longdate:date,new_date,day>{| at <time:time,hour>}.
{The|Our} <thing:event,name,activity> {starts|begins|ends} at <time:time,start_time,hour> on <longdate:date,day>{| in <city:city,place>}.
{Don't miss|Come to|Visit} the <thing:event,show,name> at the <museum:venue,place,location>, <longdate:date,day>.
The <museum:museum,place,name,building> in <city:city,town,location> opens at <time:opening_time,time,hour,opens>.
{Entry to|A ticket for|Admission to} the <museum:museum,place,attraction> costs <money:price,fee,cost>.
{We slept at|They stayed at|I booked|She recommends} the <museum:hotel,place,name> in <city:city,town>{.|, <money:price,cost> a night.}
The <museum:hotel,restaurant,place,name> in <city:city,town> {is rated|has a rating of|got a score of|has} <rating:rating,score,stars>{| stars}.
{The dinner|Lunch|A meal} at <museum:restaurant,place> {was|cost|came to} <money:price,cost,total>.
{My|Our|Her|His} {neighbor|brother|sister|boss|teacher} drives a <car:car,vehicle,model> {built in|from} <year:year,built>.
{She|He|The family} {bought|sold|leases|owns} a <year:year,model_year> <car:car,vehicle,model>{| in <color:color,colour>| for <money:price,cost>}.
The <made:brand,make,maker> <made:model,name> {was built in|came out in|is from} <year:year,built>.
<firstname:name,pet,dog,cat> is a <animal:breed,species,animal,kind> and {he|she|it} is <age:age> years old.
{My|Her|Our} <animal:pet,animal,species> is {called|named} <firstname:name,pet_name> and {weighs|is} <measure:weight,size>.
{The vet|Doctor <made:vet,doctor>} {saw|checked|treated} <firstname:pet,name,patient>, a <agenum:age>-year-old <animal:species,animal>.
<person:student,name,pupil> {got|received|earned|was given} a {grade|mark|score} of <rating:grade,mark,score> in <subject:subject,course,class>.
<person:student,name,learner> {is studying|studies|learns|wants to study} <subject:subject,major,course> in <city:city,place>.
<person:teacher,tutor,name> {teaches|explains|tutors} <subject:subject,course,class> to <small:students,pupils,count> {students|pupils|children}.
{The|Our} {course|class} on <thing:topic,subject,course> {costs|is} <money:price,fee> and {lasts|runs for} <duration:duration,length>.
The {|mighty |old }<proper:team,winner,club> {won|lost|drew|played} against the <proper:opponent,loser,rival>, <score:score,result>, in <city:city,place>.
{Final score|Result|Full time}: <proper:home_team,team,home> <score:score,result> <proper:away_team,opponent,away>.
<person:player,name,winner> {beat|defeated} <person:opponent,loser,rival> {in|after} <small:sets,rounds,games> {sets|rounds|games}.
{In|At} <city:city,place,town> it {was|is|will be} <degrees:temperature,degrees> {this morning|today|at noon|tonight|tomorrow}.
{Today|Tomorrow|Tonight}: <quality:weather,condition>, <degrees:temperature,degrees>, {in|around} <city:city,place,region>.
{Tonight|Today|Tomorrow|This evening|On Friday|Next week} <titled:speaker,lecturer,name> {speaks|talks|will speak|gives a talk|lectures} about <phrase:topic,subject,theme>.
<titled:doctor,surgeon,dentist> will see <person:patient,name,client> on <longdate:day,date,appointment>{| at <time:time,hour>}.
<person:patient,name> {takes|needs|was given} <measure:dose,amount> of <nounw:medicine,drug> {every day|twice a day|after meals}.
<person:name,person,hobbyist> {loves|likes|enjoys|is good at|cannot stop|is crazy about} <gerund:hobby,interest,activity>.
{In his free time|At the weekend|After work|On Sundays} <person:name,person> {enjoys|goes in for|is busy with} <gerund:hobby,activity,pastime>.
The account <handle:username,account,user,handle> was {created|opened|closed|deleted|blocked} on <date:date,created,day>.
<handle:username,user,handle> {wrote|posted|commented}: "<phrase:text,comment,message,post>".
{Log in|Sign in} as <handle:username,user,login> with {the code|the password|the key} <code:code,password,key>.
{The|A} {ticket|trip|ride|flight} from <city:origin,from,start,departure> to <city:destination,to,end,arrival> costs <money:price,fare,cost>.
The {trail|road|path|walk|route} from <city:start,from,origin> to <city:end,to,destination> is <measure:distance,length> long.
{It is|It's} <measure:distance,length> from <city:start,from,origin> to <city:end,to,destination>.
{The train|Train <code:train,number>|The bus|Our flight} {leaves|departs} <city:origin,from,station> at <time:departure,time,departure_time>{| from platform <room:platform,track>}.
The <nounw:shop,business,store> {moved to|is at|can be found at|opened at} <address:address,street> in <city:city,town>.
{The office of|You find} <proper:company,firm,name> {is |}at <address:address,street>, <zip:zip,postcode> <city:city,town>.
<title:title,book,name> by <person:author,writer> {has|runs to|counts} <count:pages,length,page_count> pages{.| and costs <money:price,cost>.}
{Have you read|I loved|She borrowed|They translated} <title:title,book,work> by <person:author,writer,creator>{?|.|!}
<person:artist,singer,musician> {released|recorded|sang|published} <title:album,title,song,work> in <year:year,released>.
<title:title,film,movie> {lasts|runs} <duration:duration,length,runtime> and {stars|features} <person:actor,star,lead>.
{The|A} <quality:style,type,kind> <nounw:item,object,product> by <person:artist,maker,designer> {was sold|went} for <money:price,amount>.
{Recipe|Today's dish|Dish}: <thing:dish,recipe,name>, <small:servings,portions> {servings|portions}, <duration:time,duration>.
{For|To make} the <thing:dish,recipe,food> you need <measure:amount,quantity> of <nounw:ingredient,item>.
{Take|Walk|Feed} <firstname:pet,name,dog> at <time:time,hour> and give {him|her} some <things:food,treat>.
{Remind|Tell|Ask} <person:person,name,recipient> to {buy|bring|collect|return} the <things:item,items,object> {on|by} <weekday:day,weekday>.
<person:name,person,owner> {parked|left|hid} the <nounw:item,vehicle,object> {behind|next to|under} the <nounw:place,location>.
<person:sender,from,writer> {wrote|replied|answered} on <longdate:date,day,sent> that the <nounw:item,subject,object> {is|was} <quality:condition,state,status>.
The <nounw:device,machine,item> {uses|needs|has} <measure:power,capacity,consumption> and {was made|comes} from <country:country,origin>.
{Model|Device|Unit} <code:model,id,serial> has {a battery|a range|a reach} of <measure:battery,range,capacity>.
<city:city,capital,town> is the {capital|largest city|heart} of <country:country,state>.
{The|Mount|Lake} <made:name,mountain,lake> is <measure:height,depth,size> {high|deep|wide} and lies in <country:country,location>.
<person:name,winner,person> from <country:country,nation,origin> {won|took|received} <medal:medal,prize,award> in <gerund:sport,discipline,event>.
<bignum:visitors,people,attendance> people {visited|came to|saw} the <thing:event,festival,exhibition> in <city:city,place>.
<person:candidate,name,winner> {won|got|received} <percent:percentage,votes,share> of the votes in <city:city,district,place>.
<proper:company,firm> {earned|lost|made|reported} <money:amount,profit,loss,revenue> in <year:year,period>.
{Shares of|The price of} <proper:company,stock,share> {rose|fell|climbed|dropped} by <percent:change,percent,percentage>.
<person:owner,name,landlord> {rents out|lets|offers} a <quality:type,kind> {flat|house|room} with <small:rooms,bedrooms> rooms for <money:rent,price>.
{The kids|The twins|My children} <firstname:first,child1,older> and <firstname:second,child2,younger> are <small:age,age1> and <small:age2,other_age>{| years old}.
{He|She|The guest} {speaks|understands} <language:first_language,language,native_language> and {a little |some |}<language:second_language,other_language>.
The flag of <proper:country,city,club> is <color:first_color,color1,color> and <color:second_color,color2>.
{The meeting|The call|The interview} with <person:name,person,guest> {is|takes place|will be} {at|from} <time:time,start,hour> {to|until} <time:end,end_time,until>.
{The code|The password|The PIN} for the <nounw:item,door,device> is <code:code,password,pin>.
<proper:app,program,software,name> <version:version,release> {needs|takes|uses} <measure:memory,size,storage> of memory.
{Bug|Issue|Problem}: the <nounw:part,component,item> {crashes|fails|breaks} {on|with} <proper:system,platform,device>, {severity|priority}: <quality:severity,priority,level>.
The <nounw:tool,item,object> belongs to <person:owner,name,person> and {is kept|stays|lies} in the <nounw:place,location,room>.
Dear <person:recipient,name,to>, {thank you for|I received|we have} your <nounw:item,gift,object>. {Yours|Best|Love}, <firstname:sender,from,signed>
<firstname:sender,from,name>: "{Can we meet|Shall we talk|Are you free} at <time:time,hour>?"
{Name|Full name}: <person:name,full_name>, {born|date of birth|DOB}: <date:birthday,birth_date,date_of_birth>
{A|The} <agenum:age>-year-old <role:job,occupation,profession> from <city:city,town> {found|saved|won|built} a <thing:object,item,thing>.
{The winner|First place|The prize} {goes to|is|went to} <person:winner,name,person> {for|with} <title:title,work,project>.
""".strip().split("\n")

TAILS = " in May| in spring| last week| this year| again| at last| for the first time| after all| in the end| all day| without delay| as usual| with great care| before lunch".split("|")
OPENERS = "Today|Tonight|Yesterday|Last night|This morning|Now|In May|On Monday|Soon|Last year|At noon".split("|")
