// Everything public.
#pragma once

#include "mlxa/array.h"
#include "mlxa/chat_template.h"
#include "mlxa/dtype.h"
#include "mlxa/error.h"
#include "mlxa/fast.h"
#include "mlxa/memory.h"
#include "mlxa/ops.h"
#include "mlxa/random.h"
#include "mlxa/stream.h"
#include "mlxa/tokenizer.h"
#include "mlxa/utils.h"
