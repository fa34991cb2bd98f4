package io.fundamentallm.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.SpecialTokens;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** No piece of an answer ends within a code point, and together they are the whole. */
class WholePiecesTest {
  /** A call of the tool {@code get-it} with an argument that is a text. */
  private static final Map<ChatNotation, String> CALLS = new EnumMap<>(ChatNotation.class);

  static {
    String hermes = "<tool_call>{\"name\": \"get-it\", \"arguments\": {\"s\": \"%s\"}}</tool_call>";
    String array = "[{\"name\": \"get-it\", \"arguments\": {\"s\": \"%s\"}}]";
    CALLS.put(ChatNotation.HERMES, hermes);
    CALLS.put(
        ChatNotation.QWEN3_CODER,
        "<tool_call>\n<function=get-it>\n<parameter=s>\n%s\n</parameter>\n</function>\n</tool_call>");
    CALLS.put(
        ChatNotation.GLM,
        "<tool_call>get-it\n<arg_key>s</arg_key>\n<arg_value>%s</arg_value>\n</tool_call>");
    CALLS.put(ChatNotation.LLAMA_JSON, "{\"name\": \"get-it\", \"parameters\": {\"s\": \"%s\"}}");
    CALLS.put(ChatNotation.PYTHONIC, "[get-it(s=\"%s\")]");
    CALLS.put(ChatNotation.LFM2, "<|tool_call_start|>[get-it(s=\"%s\")]<|tool_call_end|>");
    CALLS.put(ChatNotation.MISTRAL, "[TOOL_CALLS] " + array);
    CALLS.put(ChatNotation.MISTRAL_ARGS, "[TOOL_CALLS]get-it[ARGS]{\"s\": \"%s\"}");
    CALLS.put(
        ChatNotation.DEEPSEEK,
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>get-it\n```json\n{\"s\":"
            + " \"%s\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>");
    CALLS.put(
        ChatNotation.DEEPSEEK_V31,
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get-it<｜tool▁sep｜>{\"s\":"
            + " \"%s\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>");
    CALLS.put(
        ChatNotation.DEEPSEEK_V32,
        "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"get-it\">\n<｜DSML｜parameter name=\"s\""
            + " string=\"true\">%s</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>");
    CALLS.put(ChatNotation.GEMMA, "<|tool_call>call:get-it{s:<|\"|>%s<|\"|>}<tool_call|>");
    CALLS.put(
        ChatNotation.FUNCTION_GEMMA,
        "<start_function_call>call:get-it{s:<escape>%s<escape>}<end_function_call>");
    CALLS.put(
        ChatNotation.HARMONY,
        "<|channel|>commentary to=functions.get-it <|constrain|>json<|message|>{\"s\": \"%s\"}");
    CALLS.put(
        ChatNotation.COMMAND_R,
        "Action: ```json\n[{\"tool_name\": \"get-it\", \"parameters\": {\"s\": \"%s\"}}]\n```");
    CALLS.put(
        ChatNotation.COMMAND_R7B,
        "<|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"get-it\", \"parameters\":"
            + " {\"s\": \"%s\"}}]<|END_ACTION|>");
    CALLS.put(ChatNotation.PHI_4, "<|tool_call|>" + array + "<|/tool_call|>");
    CALLS.put(ChatNotation.GENERIC, hermes);
  }

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of("😀", "é", "𝄞", "a", " ", "\uD83D\uDC69\u200D\uD83D\uDE80", "<", "…")
        .list()
        .ofMinSize(1)
        .ofMaxSize(12)
        .map(parts -> "b" + String.join("", parts) + "c");
  }

  @Property(tries = 300)
  void of_calls_and_text_and_thinking(
      @ForAll ChatNotation notation, @ForAll("texts") String text, @ForAll boolean marked) {
    ByteTokenizer tokenizer = marked ? ChatAnswerTest.MARKED : ChatAnswerTest.PLAIN;
    boolean first = notation == ChatNotation.LLAMA_JSON || notation == ChatNotation.PYTHONIC;
    String written = (first ? "" : text) + CALLS.get(notation).formatted(text);
    ChatAnswer answer = ChatAnswerTest.answer(tokenizer, notation, written, SpecialTokens.all());
    StringBuilder said = new StringBuilder();
    StringBuilder arguments = new StringBuilder();
    while (answer.hasNext()) {
      ChatPart part = answer.next();
      String piece = "";
      if (part instanceof ChatPart.Text more) {
        piece = more.text();
        said.append(piece);
      } else if (part instanceof ChatPart.CallArguments more) {
        piece = more.json();
        arguments.append(piece);
      }
      if (!piece.isEmpty()) {
        assertThat(Character.isHighSurrogate(piece.charAt(piece.length() - 1))).isFalse();
        assertThat(Character.isLowSurrogate(piece.charAt(0))).isFalse();
      }
    }
    ChatMessage message = answer.message();
    assertThat(message.toolCalls()).hasSize(1);
    assertThat(arguments.toString()).isEqualTo(message.toolCalls().get(0).arguments());
    assertThat(arguments.toString()).contains(text);
    assertThat(said.toString()).isEqualTo(first ? "" : text).isEqualTo(message.content());
    assertThat(List.of(ChatNotation.values())).allMatch(CALLS::containsKey);
  }
}
