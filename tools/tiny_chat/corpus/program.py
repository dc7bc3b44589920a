"""Questions about MLX Anywhere and its commands, with answers that are true of the program."""

from .grammar import TABLES, capital, pick, say

M = "--model models/tiny-chat"

TABLES.update({
    "prog": ["mlxa", "mlxa", "MLX Anywhere", "this program", "the program"],
    "how": ["how do I", "how can I", "how do you", "how to", "how would I", "how could I", "what is the way to", "can you show me how to", "please tell me how to",
            "I want to know how to", "is there a way to", "what command do I use to", "which command lets me", "I'd like to", "can I", "what do I type to", "which command do I use to", "show me how to"],
})

# (what the asker wants to do, alternatives in braces; the answer)
HOW = [
    ("{start|try|run|use|launch} {the program|it|mlxa|MLX Anywhere}{| for the first time}|{get started|begin}", "Type `./run` in the project folder. It installs what is missing, builds the program and streams a first answer from the bundled model. Then try `./run chat --model models/tiny-chat`."),
    ("{build|compile|install} {the program|it|mlxa|MLX Anywhere|this}", "Type `./run`. It installs the missing Debian packages, configures and builds, and then runs the program. The result is `build/release/mlxa`."),
    ("{run|start|execute} the tests|test {the program|it|my build|mlxa}", "Type `./test`. It builds the program and runs every test; the last line says how many passed and how many failed."),
    ("{run|start} {only one test|a single test|some of the tests}", "Give `./test` the options of ctest, for example `./test -R tokenizer`."),
    ("{chat|talk} {with|to} {a|the} model|{start|open} {a chat|an interactive chat|a conversation}", f"Use `mlxa chat {M}`. It keeps the conversation going and knows `/reset`, `/drop`, `/system` and `/help`. Ctrl-D leaves."),
    ("{generate|make|produce|create|write} {text|an answer|a reply}{| from a prompt| with a model}|{give|send} {it|the model|mlxa} a prompt", f"Use `mlxa generate {M} --prompt \"Tell me a story\"`. The text streams to standard output."),
    ("{read|take|load} the prompt from {standard input|stdin|a pipe}|pipe {a prompt|text} into {it|mlxa}", f"Give `-` as the prompt: `echo \"Hello\" | mlxa generate {M} --prompt -`."),
    ("{use|pass|load|send} {a list of messages|a messages file|a whole conversation|a JSON file with messages}", f"Use `mlxa generate {M} --messages FILE`, where FILE is JSON with a list of messages, each with a role and a content."),
    ("{pass|use|give|feed} {token ids|prompt ids|raw tokens}", f"Use `mlxa generate {M} --prompt-ids 1,2,3`."),
    ("{set|change|use|give|add} {a|the} system prompt", f"With generate, add `--system-prompt \"You are kind.\"`. In a chat, type `/system` and then the text."),
    ("{limit|set|change|control} {the number of tokens|the length of the answer|how long the answer is|the answer length}|{make|get} {shorter|longer} answers", f"Add `--max-tokens N`, for example `mlxa generate {M} --prompt \"Hi\" --max-tokens 100`."),
    ("{make|get} {answers|the answers|the output|the text} {less random|less creative|more predictable|steadier}|lower the temperature|turn off {sampling|randomness}", "Lower `--temp`, or leave it out: the default of 0 always takes the most likely token."),
    ("{set|change|control|raise|choose} the temperature|{make|get} {answers|the answers|the output|the text} {more random|more creative|more varied|less boring}|turn on sampling", f"Add `--temp`, for example `--temp 0.7`. A temperature of 0 always takes the most likely token."),
    ("{get|have} the same {answer|output|text} {every time|each time|again}|make {the output|it|sampling} {repeatable|deterministic|reproducible}", "Use `--temp 0`, or keep sampling and fix the random numbers with `--seed N`."),
    ("{set|change|fix|choose} the {random seed|seed}", f"Add `--seed N`, for example `mlxa generate {M} --prompt \"Hi\" --temp 0.8 --seed 7`."),
    ("{set|use|change} {top-p|top p|nucleus sampling|the top-p value}", "Add `--top-p`, for example `--top-p 0.9`. Only the most likely tokens that together reach this probability are kept."),
    ("{set|use|change} {top-k|top k|the top-k value}", "Add `--top-k`, for example `--top-k 40`. Only the 40 most likely tokens are kept."),
    ("{set|use|change} {min-p|min p|the min-p value}", "Add `--min-p`, for example `--min-p 0.05`. Tokens far less likely than the best one are dropped."),
    ("{stop|avoid|reduce|prevent} {repetition|repeated words|the model from repeating itself}|{set|use} {a|the} repetition penalty", "Add `--repetition-penalty`, for example `--repetition-penalty 1.1`."),
    ("{stop|end} {the answer|generation|the text} at {a word|a certain word|a string}|{set|use|add} {a stop string|stop words|stop strings}", "Add `--stop S`, for example `--stop \"END\"`. You may give it several times."),
    ("{get|have|print|receive} {the result|the answer|the output} as JSON|{get|have} JSON output", f"Add `--json`. The document has the text, the token ids, the finish reason, token counts, speeds and the peak memory."),
    ("{stream|stream the answer|stream the text|stream the output|see the text as it comes}", f"`mlxa generate {M} --prompt \"Hi\"` streams by itself: every piece of text is printed as soon as it is made."),
    ("stream {to|as|in|into} JSON|{stream JSON|get streamed JSON|stream the answer as JSON|get a stream of JSON}", "`--json` does not stream: it prints one JSON document when the answer is complete. Without `--json` the text streams."),
    ("{turn off|disable|avoid} streaming|get the whole answer at once", "Add `--json`. Then nothing is printed before the answer is complete, and it comes as one JSON document."),
    ("{forget|drop|remove} the oldest {message|exchange|messages}|make room in {a full context|the context}", "Type `/drop` in the chat. It forgets the oldest exchange; `/reset` forgets all of them."),
    ("{get|find|download} {more models|a model|another model|an MLX model|bigger models}", "mlxa downloads nothing. Fetch any MLX model directory, for example one of mlx-community, and point `--model` at it."),
    ("{load|read} the weights {without mapping|into memory}|{turn off|avoid} memory mapping", "Add `--no-mmap`. The weights are then read into memory, and the files are not mapped."),
    ("{change|set|choose} the {prefill chunk|size of prompt steps}|{use|need} less memory for long prompts", "Add `--prefill-chunk N`. The prompt is then read in steps of N tokens; 512 is the usual number."),
    ("{keep|show|see} special tokens {when decoding|in the decoded text}", f"Use `mlxa tokenize {M} --decode --keep-special`."),
    ("{see|get} the {speed|tokens per second}|{measure|find out} how fast {it|a model|the model} is", f"Add `--verbose` to `mlxa generate`. The speeds of prompt and answer go to standard error."),
    ("{get|have|print} {model facts|model information|the environment} as JSON", "Add `--json`, for example `mlxa info DIR --json` or `mlxa env --json`."),
    ("{see|get|show} more {details|information} {while it runs|about a run}|turn on verbose output", "Add `--verbose`. The details go to standard error, so the text on standard output stays clean."),
    ("{set|change|choose|limit} the number of {threads|cores|CPU threads}|use {more|fewer} {threads|cores}", "Add `--threads N`, for example `--threads 2`."),
    ("{get|have|use} {exact|the most precise|more precise} {results|arithmetic|numbers}|turn off int8 activations", "Add `--exact`. It does not quantize activations: a little slower, and closer to the reference."),
    ("{skip|ignore|turn off|avoid} the chat template|send a raw prompt", "Add `--ignore-chat-template`. The prompt then goes to the model as it is."),
    ("{keep going|continue} {after|past} the end of sequence|ignore the end {of sequence|token}|ignore eos", "Add `--ignore-eos`. The model then goes on until `--max-tokens`."),
    ("{save|get|write|dump} the logits", f"Add `--logits FILE`. It writes the logits of the last prompt position as a float32 .npy file."),
    ("{see|show|list|print|get|count} {the tokens|token ids|how a text is tokenized}{| of a text| of a sentence| of my prompt}|{count|find out|see} how many tokens {a text|my prompt|a sentence} {has|is}|{tokenize|encode} {a text|text|a sentence}", f"Use `mlxa tokenize {M}`. It reads JSON lines, one string each, and prints the token ids of each as a JSON line."),
    ("{decode|turn} {token ids|tokens|ids}{| back} {to|into} text", f"Use `mlxa tokenize {M} --decode`. It reads arrays of ids and prints the text of each."),
    ("{tokenize|encode} without special tokens|leave out special tokens", f"Use `mlxa tokenize {M} --no-special`."),
    ("{see|show|test|render|try|print} {the|a} chat template|{see|show} the {rendered prompt|exact prompt}", f"Use `mlxa template {M}` and give it a JSON document with the messages on standard input. It prints the rendered text."),
    ("render {a template|the template} without the generation prompt", f"Use `mlxa template {M} --no-generation-prompt`."),
    ("{see|show|get|find|print} {information|details|facts} about a model|{inspect|examine|describe} a model|{find out|see} how {big|large} a model is|see how many parameters a model has", "Use `mlxa info DIR`. It shows the architecture, the parameters, the bits per weight, the memory per context length, the template and the special tokens."),
    ("{see|show|check|find out} {what CPU I have|my CPU|the hardware|my environment|the environment|which instructions are used|the settings}", "Use `mlxa env`. It shows the CPU, the instruction set, the cores, the memory and the environment knobs."),
    ("{see|show|find|get|check} the version", "Use `mlxa --version`."),
    ("{get|find|see|show} {help|the help|the list of options|all options|all commands}", "Use `mlxa --help`. Every command has its own help as well, for example `mlxa generate --help`."),
    ("{reset|clear|restart|forget} {the chat|the conversation}|start over{| in a chat}", "Type `/reset` in the chat."),
    ("{leave|quit|exit|close|end} {the chat|a chat|chat}", "Press Ctrl-D to leave the chat."),
    ("{stop|interrupt|cancel|cut off} {an answer|the answer|a long answer}{| in the chat}", "Press Ctrl-C. In a chat it stops the answer, and the program goes on."),
    ("{use|load|run|try} {my own model|another model|a different model|a bigger model|a model from mlx-community}", "Point `--model` at any MLX model directory: `mlxa chat --model path/to/model`. It needs config.json, tokenizer.json and the safetensors files."),
    ("{use|call} it from {C++|my own program|code}|use the library", "Include the headers in include/mlxa. `examples/generate.cpp` shows how: it makes an Engine and a Session and uses nothing but the public headers."),
]

WHAT = [
    ("{What is|What's|Tell me about|Explain|Describe|what is|what's} {MLX Anywhere|mlxa|this program|the mlxa program|this project}", "MLX Anywhere is a native C++ program that runs MLX-format models on ordinary computers. No Python is needed at run time. Its command is `mlxa`."),
    ("{What can|what can|What does} {mlxa|MLX Anywhere|this program} do", "It runs MLX-format models. The commands are `generate`, `chat`, `tokenize`, `template`, `info` and `env`."),
    ("{What commands|Which commands|What verbs|Which subcommands} {are there|does mlxa have|does it have|can I use|exist}|{List|Show|Name|Tell me} {the|all} commands", "The commands are:\n- `generate`: an answer to one prompt\n- `chat`: a conversation\n- `tokenize`: text to token ids and back\n- `template`: render a chat template\n- `info`: facts about a model\n- `env`: facts about this computer"),
    ("{What does|Explain|what does} `{|mlxa }generate`{| do}|What is {mlxa generate|the generate command}{| for}", "`mlxa generate` answers one prompt and streams the text to standard output. Give it `--model DIR` and `--prompt TEXT`."),
    ("{What does|Explain|what does} `{|mlxa }chat`{| do}|What is {mlxa chat|the chat command}{| for}", "`mlxa chat` holds a conversation in the terminal, with line editing and history. `/reset` starts over, `/system` sets the system prompt, `/help` lists the rest."),
    ("{What does|Explain|what does} `{|mlxa }tokenize`{| do}|What is {mlxa tokenize|the tokenize command}{| for}", "`mlxa tokenize` turns text into token ids, and with `--decode` ids into text. It reads and writes JSON lines."),
    ("{What does|Explain|what does} `{|mlxa }template`{| do}|What is {mlxa template|the template command}{| for}", "`mlxa template` renders the chat template of a model. It reads messages as JSON on standard input and prints the exact text."),
    ("{What does|Explain|what does} `{|mlxa }info`{| do}|What is {mlxa info|the info command}{| for}", "`mlxa info DIR` shows what a model directory holds: architecture, parameters, bits per weight, memory, template and special tokens."),
    ("{What does|Explain|what does} `{|mlxa }env`{| do}|What is {mlxa env|the env command}{| for}", "`mlxa env` shows the CPU, the instruction set, cores, memory and the knobs of the environment."),
    ("{What does|Explain|what does} `{|./}run`{| do}|What is {./run|the run script}{| for}", "`./run` installs the missing Debian packages, builds the program and runs it. Without arguments it streams an answer from the bundled model and says what to type next."),
    ("{What does|Explain|what does} `{|./}test`{| do}|What is {./test|the test script}{| for}", "`./test` builds the program and runs every test. Its last line is the number of tests that passed and failed."),
    ("{What does|Explain|what does|What is} {|the option |the flag }`--exact`{| do| mean}|What is exact mode", "`--exact` turns off the 8-bit activations, so that the numbers follow the model's own precision. It is a little slower."),
    ("{What does|Explain|what does|What is} {|the option |the flag }`--temp`{| do| mean| for}|What is the temperature", "`--temp` sets the sampling temperature. 0 always takes the most likely token; higher values give more varied text."),
    ("{What does|Explain|What is} {|the option |the flag }`--seed`{| do| mean| for}", "`--seed` fixes the random numbers of sampling, so that the same command gives the same text again."),
    ("{What does|Explain|What is} {|the option |the flag }`--top-p`{| do| mean| for}", "`--top-p` keeps only the most likely tokens that together reach the given probability."),
    ("{What does|Explain|What is} {|the option |the flag }`--top-k`{| do| mean| for}", "`--top-k` keeps only the given number of most likely tokens."),
    ("{What does|Explain|What is} {|the option |the flag }`--max-tokens`{| do| mean| for}", "`--max-tokens` sets the longest answer, counted in tokens."),
    ("{What does|Explain|What is} {|the option |the flag }`--json`{| do| mean| for}", "`--json` prints one JSON document with the text, the token ids, the finish reason, the speeds and the peak memory."),
    ("{What does|Explain|What is} {|the option |the flag }`--stop`{| do| mean| for}", "`--stop` ends the answer when the given text appears. It may be given several times."),
    ("{What does|Explain|What is} {|the option |the flag }`--verbose`{| do| mean| for}", "`--verbose` prints details of the run to standard error."),
    ("{What does|Explain|What is} {|the option |the flag }`--threads`{| do| mean| for}", "`--threads` sets how many CPU threads the program uses."),
    ("{What|Which} {model formats|formats|kind of models|models} {can it run|does it read|are supported|does mlxa support|can I use}", "It runs MLX-format model directories: config.json, tokenizer.json and safetensors weights, in 16-bit, 32-bit or quantized form. The first architectures are llama and qwen2."),
    ("{Which|What} {architectures|model families|model types} {are supported|can it run|does it support|does mlxa know}", "The first ones are `llama` (Llama, Mistral, SmolLM2, TinyLlama) and `qwen2`."),
    ("{What|Which} quantization{|s} {is|are} supported|{How many|Which} bits can {weights|quantized weights} have", "Affine quantization with 2, 3, 4, 5, 6 or 8 bits and groups of 32, 64 or 128."),
    ("{Does it|Do I|Does mlxa|Do you} need {Python|a GPU|the internet|a network|internet access|a graphics card}|Is {Python|a GPU|the internet} {needed|required|necessary}", "No. It runs on the CPU, without Python and without a network."),
    ("{Does it|Can it|Will it|Does mlxa} {run|work} on {Linux|Debian|my laptop|a normal computer|a plain CPU|a server without a GPU}", "Yes. It is made for ordinary Linux computers; Debian 12 is where `./run` installs everything by itself."),
    ("{Where is|Where do I find|Where can I find|where is} the {program|binary|executable}{| after building}", "It is at `build/release/mlxa`."),
    ("{Where is|Where do I find|Where can I find|where is} {the bundled model|tiny-chat|the tiny model|the example model}", "It is in `models/tiny-chat`."),
    ("{What is|What's|Tell me about|Describe} {tiny-chat|the bundled model|the tiny model|models/tiny-chat}", "tiny-chat is the small model that comes with MLX Anywhere: about 19 million parameters in 4 bits. It tells short stories, adds and subtracts, and pulls fields out of text as JSON."),
    ("{What is|How long is|What's} the {default|usual} {answer length|length of an answer|max-tokens|token limit}|How many tokens does it generate", "`mlxa generate` stops after 256 tokens and `mlxa chat` after 1024, if the answer does not end before. `--max-tokens N` changes that."),
    ("{What|Which} {temperature|sampling} {is the default|does it use|is used}", "The default is `--temp 0`: it always takes the most likely token, so that the same prompt gives the same text."),
    ("{What|Which} {processors|CPUs|instruction sets} {are supported|does it run on|does it use|can it use}", "x86-64 with AVX-512 or AVX2, chosen at run time. Elsewhere it uses plain C++."),
    ("{What do the|What are the|Explain the} exit codes{| mean| of mlxa}", "0 means done, 1 an internal error, 2 wrong usage, 3 not found, 4 an invalid file, 5 unsupported, 6 out of memory, 7 context full, 8 failed input or output and 130 interrupted."),
    ("{Can it|Can mlxa|Does it|Can I} {train|fine-tune|finetune} {models|a model|the model}", "No. MLX Anywhere runs models; it does not train them."),
    ("{Does it|Does mlxa|Can it} {download models|fetch models|use the network}", "No. mlxa uses no network. It reads model directories that are already on your disk."),
    ("How {fast|quick|slow} is {it|mlxa|the program|MLX Anywhere}|Is {it|mlxa|MLX Anywhere} {fast|slow|quick}", "That depends on the processor and the model. `mlxa generate --verbose` prints the tokens per second of your run."),
    ("{What happens|What does it do} when the context {is full|fills|fills up|runs out}", "The chat says that the context is full and what you can do, and it loses nothing. `/drop` forgets the oldest exchange and `/reset` all of them."),
    ("{Who|What} {wrote|made|is} {the language of |}{MLX|MLX itself}|What is MLX", "MLX is an array framework for machine learning on Apple chips. MLX Anywhere runs models in its format on other computers."),
    ("{What|Which} {programming language|language} is {it|mlxa|MLX Anywhere|this program} written in", "It is written in C++20."),
    ("{What is|Which is|what is} the license{| of mlxa| of MLX Anywhere}|{Is it|Is mlxa|Is MLX Anywhere} {free|open source}", "MLX Anywhere is free software under the MIT license."),
    ("{Why is|Why does} the {answer|text|output} {printed|streamed} {word by word|bit by bit|slowly}|What is streaming", "The text is streamed: each piece is printed as soon as the model has made it."),
    ("{What does|What is} the finish reason{| mean}", "The finish reason says why the answer ended: `stop` at an end token or a stop string, `length` at the token limit, `context` when the context is full."),
    ("{What is|Explain|what is} {a token|tokens}{| in a language model}", "A token is a piece of text, often a word or a part of one. A model reads and writes tokens. `mlxa tokenize` shows them."),
    ("{What is|Explain} {a chat template|the chat template}", "A chat template turns a list of messages into the one text that the model reads. `mlxa template` shows the result."),
    ("{What is|Explain} quantization", "Quantization stores each weight in few bits, such as 4 instead of 16. The model gets smaller and faster and loses very little."),
    ("{What does|What is} `/{reset|help|system|drop}`{| do| for}|{What|Which} commands {are there in the chat|does the chat have|can I use in the chat}", "In a chat, `/reset` starts over, `/drop` forgets the oldest exchange, `/system` sets the system prompt and `/help` lists the commands. Ctrl-C stops an answer and Ctrl-D leaves."),
    ("{I see an error|It does not work|Something is wrong|It failed|I get an error}{|, what now|, what can I do|. Help}", "Read the line that starts with the error: it names what went wrong and what to do. `mlxa --help` and `mlxa env` help as well."),
]

_split = {}


def _options(text):
    """Alternatives at the top level of a question template."""
    found = _split.get(text)
    if found is None:
        from .stories import _top_alternatives
        found = _split[text] = _top_alternatives(text)
    return found


def item(rng, split):
    if rng.random() < 0.52:
        wish, answer = pick(rng, HOW)
        wish = say(rng, pick(rng, _options(wish)))
        user = say(rng, "{[@how] [w]|[@how] [w]|[@how] [w]{| with mlxa| in mlxa| here| in MLX Anywhere}|I {want|need|would like} to [w]{|, how|. How do I do that|. What do I do}|[w]}", {"w": wish})
        user += pick(rng, ["?", "?", "?", "", "?", " please"])
    else:
        question, answer = pick(rng, WHAT)
        user = say(rng, pick(rng, _options(question)))
        if rng.random() < 0.3:
            user = user.replace("`", "")
        user += pick(rng, ["?", "?", "?", ""])
    if rng.random() < 0.75:
        user = capital(user)
    elif rng.random() < 0.4:
        user = user.lower()
    if rng.random() < 0.08:
        user = pick(rng, ["Hi, ", "Hello! ", "Hey, ", "Quick question: ", "Please help: "]) + user
    return {"user": user, "assistant": answer}
