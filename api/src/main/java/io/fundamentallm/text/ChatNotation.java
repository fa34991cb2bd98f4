package io.fundamentallm.text;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How a model writes calls of tools and its thinking. A published template shows it; {@link
 * ChatTemplate#notation()} recognises it, and {@link ChatPrompt.Builder#notation} names it.
 */
public enum ChatNotation {
  /** {@code <tool_call>{"name": …, "arguments": …}</tool_call>}: Hermes, Qwen 2.5, Qwen 3. */
  HERMES,
  /**
   * {@code <tool_call><function=name><parameter=city>Oslo</parameter></function></tool_call>}, on
   * lines of their own: Qwen 3 Coder, Qwen 3.5.
   */
  QWEN3_CODER,
  /**
   * {@code <tool_call>name<arg_key>city</arg_key><arg_value>Oslo</arg_value></tool_call>}: GLM 4.5
   * and later.
   */
  GLM,
  /** {@code {"name": …, "parameters": …}} as the whole answer: Llama 3.1 to 3.3. */
  LLAMA_JSON,
  /** {@code [name(city="Oslo")]} as the whole answer: Llama 3.2 and 4. */
  PYTHONIC,
  /** {@code <|tool_call_start|>[name(city="Oslo")]<|tool_call_end|>}: LFM 2. */
  LFM2,
  /** {@code [TOOL_CALLS] [{"name": …, "arguments": …}]}: Mistral's tokenizers 3 to 7. */
  MISTRAL,
  /** {@code [TOOL_CALLS]name[ARGS]{…}}: Mistral's tokenizers since 11. */
  MISTRAL_ARGS,
  /**
   * {@code <｜tool▁call▁begin｜>function<｜tool▁sep｜>name} and a block of JSON: DeepSeek V3 and R1.
   */
  DEEPSEEK,
  /** {@code <｜tool▁call▁begin｜>name<｜tool▁sep｜>{…}}: DeepSeek V3.1. */
  DEEPSEEK_V31,
  /**
   * {@code <｜DSML｜invoke name="name"><｜DSML｜parameter name="city" string="true">Oslo}: DeepSeek
   * V3.2.
   */
  DEEPSEEK_V32,
  /** {@code <|tool_call>call:name{city:<|"|>Oslo<|"|>}<tool_call|>}: Gemma 4. */
  GEMMA,
  /** {@code <start_function_call>call:name{city:<escape>Oslo<escape>}}: FunctionGemma. */
  FUNCTION_GEMMA,
  /** {@code <|channel|>commentary to=functions.name <|constrain|>json<|message|>{…}}: gpt-oss. */
  HARMONY,
  /** {@code Action: ```json [{"tool_name": …, "parameters": …}]}: Command R and R+. */
  COMMAND_R,
  /** {@code <|START_ACTION|>[{"tool_name": …, "parameters": …}]<|END_ACTION|>}: Command R7B, A. */
  COMMAND_R7B,
  /** {@code <|tool_call|>[{"name": …, "arguments": …}]<|/tool_call|>}: Phi-4-mini. */
  PHI_4,
  /**
   * For templates that know no tools: these are described in the system message, and calls are
   * written as in {@link #HERMES}.
   */
  GENERIC;

  /** The name in specs, such as {@code llama-json}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The notation of this name.
   *
   * @throws IllegalArgumentException that lists the names, for any other
   */
  public static ChatNotation named(String id) {
    List<String> names = Arrays.stream(values()).map(ChatNotation::id).toList();
    int found = names.indexOf(id);
    if (found < 0) {
      throw new IllegalArgumentException(
          "no chat notation \"" + id + "\"; there are " + String.join(", ", names));
    }
    return values()[found];
  }
}
