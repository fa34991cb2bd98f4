package io.fundamentallm.internal.chat;

import io.fundamentallm.internal.chat.ChatSyntax.Call;
import io.fundamentallm.internal.chat.ChatSyntax.Header;
import io.fundamentallm.internal.chat.ChatSyntax.Values;
import java.util.List;

/** What each family of models writes, as its published templates show. */
final class ChatFamilies {
  private static final Call NAME_AND_ARGUMENTS =
      Call.json("{\"name\": \"", "\", \"arguments\": ", "}");

  /** Hermes 2 Pro and later, Qwen 2.5 and 3, and most models that were tuned like them. */
  private static final ChatSyntax HERMES =
      sections(List.of("<tool_call>"), NAME_AND_ARGUMENTS, "</tool_call>");

  /** Qwen 3 Coder, Qwen 3.5, and models tuned like them. */
  private static final ChatSyntax QWEN3_CODER =
      sections(
          List.of("<tool_call>"),
          new Call(
              "<function=",
              ">",
              "</function>",
              new ArgumentTags("<parameter=", ">", ">", "", "\n", "</parameter>")),
          "</tool_call>");

  /** GLM 4.5 and later; a section has one call. */
  private static final ChatSyntax GLM =
      sections(
          List.of("<tool_call>"),
          new Call(
              "",
              "\n",
              "</tool_call>",
              new ArgumentTags(
                  "<arg_key>", "</arg_key>", "</arg_key>", "<arg_value>", "", "</arg_value>")),
          "");

  /** Llama 3.1 to 3.3: the answer is one object. */
  private static final ChatSyntax LLAMA_JSON =
      new ChatSyntax(
          "<think>",
          "</think>",
          List.of(),
          List.of("<|python_tag|>"),
          true,
          false,
          Call.json("{\"name\": \"", "\", \"parameters\": ", "}"),
          "; ",
          "",
          true,
          Header.NONE);

  /** Llama 3.2 and 4: the answer is a list of calls in Python. */
  private static final ChatSyntax PYTHONIC =
      new ChatSyntax(
          "<think>",
          "</think>",
          List.of(),
          List.of(),
          true,
          true,
          new Call("", "", "", Values.PYTHON, ""),
          ", ",
          "",
          true,
          Header.NONE);

  /** Liquid's LFM 2: a list of calls in Python between markers. */
  private static final ChatSyntax LFM2 =
      array(
          "<think>",
          "</think>",
          List.of(),
          "<|tool_call_start|>",
          new Call("", "", "", Values.PYTHON, ""),
          "<|tool_call_end|>");

  /** Mistral's tokenizers of version 3 to 7. */
  private static final ChatSyntax MISTRAL =
      array("[THINK]", "[/THINK]", List.of(), "[TOOL_CALLS]", NAME_AND_ARGUMENTS, "");

  /** Mistral's tokenizers since version 11. */
  private static final ChatSyntax MISTRAL_ARGS =
      new ChatSyntax(
          "[THINK]",
          "[/THINK]",
          List.of(),
          List.of("[TOOL_CALLS]"),
          false,
          false,
          Call.json("", "[ARGS]", ""),
          "",
          "",
          false,
          Header.NONE);

  /** DeepSeek V3 and R1. */
  private static final ChatSyntax DEEPSEEK =
      deepSeek(
          "<｜tool▁calls▁begin｜>",
          Call.json(
              "<｜tool▁call▁begin｜>function<｜tool▁sep｜>", "\n```json\n", "\n```<｜tool▁call▁end｜>"),
          "<｜tool▁calls▁end｜>");

  /** DeepSeek V3.1. */
  private static final ChatSyntax DEEPSEEK_V31 =
      deepSeek(
          "<｜tool▁calls▁begin｜>",
          Call.json("<｜tool▁call▁begin｜>", "<｜tool▁sep｜>", "<｜tool▁call▁end｜>"),
          "<｜tool▁calls▁end｜>");

  /** DeepSeek V3.2: its own markup, DSML. */
  private static final ChatSyntax DEEPSEEK_V32 =
      deepSeek(
          "<｜DSML｜function_calls>",
          new Call(
              "<｜DSML｜invoke name=\"",
              "\">\n",
              "</｜DSML｜invoke>",
              new ArgumentTags(
                  "<｜DSML｜parameter name=\"",
                  "\" string=\"true\">",
                  "\" string=\"false\">",
                  "",
                  "",
                  "</｜DSML｜parameter>")),
          "</｜DSML｜function_calls>");

  /** Gemma 4. */
  private static final ChatSyntax GEMMA =
      gemma("<|channel>thought", "<channel|>", "<|tool_call>", "<tool_call|>", "<|\"|>");

  /** FunctionGemma, on Gemma 3. */
  private static final ChatSyntax FUNCTION_GEMMA =
      gemma("<think>", "</think>", "<start_function_call>", "<end_function_call>", "<escape>");

  /** The channels of gpt-oss; an answer has one call, and ends with it. */
  private static final ChatSyntax HARMONY =
      new ChatSyntax(
          "<|channel|>analysis<|message|>",
          "<|end|>",
          List.of(
              "<|start|>assistant",
              "<|channel|>final<|message|>",
              "<|channel|>commentary<|message|>",
              "<|end|>"),
          List.of("<|channel|>commentary to=functions.", "<|channel|>analysis to=functions."),
          false,
          false,
          Call.json("", " <|constrain|>json<|message|>", ""),
          "",
          "",
          true,
          new Header( // as its template writes the calls of earlier turns
              "<|start|>assistant",
              "to=functions.",
              List.of(
                  "<|channel|>commentary json<|message|>",
                  "<|channel|>commentary <|constrain|>json<|message|>")));

  /** Command R and R+. */
  private static final ChatSyntax COMMAND_R =
      array(
          "<think>",
          "</think>",
          List.of(),
          "Action: ```json",
          Call.json("{\"tool_name\": \"", "\", \"parameters\": ", "}"),
          "```");

  /** Command R7B and Command A. */
  private static final ChatSyntax COMMAND_R7B =
      array(
          "<|START_THINKING|>",
          "<|END_THINKING|>",
          List.of("<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"),
          "<|START_ACTION|>",
          Call.json("{\"tool_call_id\": \"0\", \"tool_name\": \"", "\", \"parameters\": ", "}"),
          "<|END_ACTION|>");

  /** Phi-4-mini. */
  private static final ChatSyntax PHI_4 =
      array(
          "<think>", "</think>", List.of(), "<|tool_call|>", NAME_AND_ARGUMENTS, "<|/tool_call|>");

  private ChatFamilies() {}

  /** See {@link ChatSyntax#named}. */
  static ChatSyntax named(String notation) {
    return switch (notation) {
      case "hermes", "generic" -> HERMES;
      case "qwen3-coder" -> QWEN3_CODER;
      case "glm" -> GLM;
      case "llama-json" -> LLAMA_JSON;
      case "pythonic" -> PYTHONIC;
      case "lfm2" -> LFM2;
      case "mistral" -> MISTRAL;
      case "mistral-args" -> MISTRAL_ARGS;
      case "deepseek" -> DEEPSEEK;
      case "deepseek-v31" -> DEEPSEEK_V31;
      case "deepseek-v32" -> DEEPSEEK_V32;
      case "gemma" -> GEMMA;
      case "function-gemma" -> FUNCTION_GEMMA;
      case "harmony" -> HARMONY;
      case "command-r" -> COMMAND_R;
      case "command-r7b" -> COMMAND_R7B;
      case "phi-4" -> PHI_4;
      default -> throw new IllegalArgumentException("no chat notation \"" + notation + "\"");
    };
  }

  private static ChatSyntax sections(List<String> open, Call call, String close) {
    return new ChatSyntax(
        "<think>", "</think>", List.of(), open, false, false, call, "", close, false, Header.NONE);
  }

  private static ChatSyntax array(
      String thinkingOpen,
      String thinkingClose,
      List<String> silent,
      String open,
      Call call,
      String close) {
    return new ChatSyntax(
        thinkingOpen,
        thinkingClose,
        silent,
        List.of(open),
        false,
        true,
        call,
        ", ",
        close,
        false,
        Header.NONE);
  }

  private static ChatSyntax deepSeek(String open, Call call, String close) {
    return new ChatSyntax(
        "<think>",
        "</think>",
        List.of(),
        List.of(open),
        false,
        false,
        call,
        "\n",
        close,
        false,
        Header.NONE);
  }

  private static ChatSyntax gemma(
      String thinkingOpen, String thinkingClose, String open, String close, String quote) {
    return new ChatSyntax(
        thinkingOpen,
        thinkingClose,
        List.of(),
        List.of(open),
        false,
        false,
        new Call("call:", "", "", Values.MARKED, quote),
        "",
        close,
        false,
        Header.NONE);
  }
}
