package io.fundamentallm.chat;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.SpecialTokens;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls whose arguments stand between tags, and what is made of those whose tags are missing. */
class TaggedCallTest {
  private static final String ADD = "add {\"a\": 1}";

  /** More of what {@link ChatAnswerTest#answers} has. */
  static Stream<Arguments> answers() {
    return Stream.of(
        Arguments.of(
            ChatNotation.QWEN3_CODER,
            """
            I add.
            <tool_call>
            <function=add>
            <parameter=a>
            1
            </parameter>
            </function>
            </tool_call>
            <tool_call>
            <function=get-it>
            <parameter=s>
            12
            "a" </p>

            </parameter>
            <parameter=l>
            [1, "b"]
            </parameter>
            <parameter=o>
            no JSON
            </parameter>
            <parameter=b>
            True
            </parameter>
            <parameter=n>
            null
            </parameter>
            <parameter=u>
            c
            </parameter>
            <parameter=i>
            7
            </parameter>
            </function>
            </tool_call>""",
            "I add.",
            "",
            List.of(
                ADD,
                "get-it {\"s\": \"12\\n\\\"a\\\" </p>\\n\", \"l\": [1, \"b\"], \"o\": \"no JSON\","
                    + " \"b\": true, \"n\": null, \"u\": \"c\", \"i\": 7}")),
        Arguments.of(
            ChatNotation.QWEN3_CODER,
            "<think>Hm</think><tool_call><function=get-it></function></tool_call> <tool_call>"
                + "<function=get-it><parameter=s>\n</parameter><parameter=n>nullable</parameter>"
                + "</function></tool_call>Done.",
            "Done.",
            "Hm",
            List.of("get-it {}", "get-it {\"s\": \"\", \"n\": \"nullable\"}")),
        Arguments.of(
            ChatNotation.GLM,
            """
            <think>Hm</think>
            <tool_call>add
            <arg_key>a</arg_key>
            <arg_value>1</arg_value>
            </tool_call><tool_call>get-it
            <arg_key>s</arg_key>
            <arg_value>true
            </arg_value>
            <arg_key>b</arg_key>
            <arg_value>true</arg_value>
            </tool_call>""",
            "",
            "Hm",
            List.of(ADD, "get-it {\"s\": \"true\\n\", \"b\": true}")),
        Arguments.of(
            ChatNotation.GLM,
            "So:<tool_call>get-it</tool_call><tool_call>get-it<arg_key>s</arg_key><arg_value>a < b &"
                + " </arg></arg_value></tool_call>",
            "So:",
            "",
            List.of("get-it {}", "get-it {\"s\": \"a < b & </arg>\"}")),
        Arguments.of(
            ChatNotation.DEEPSEEK_V32,
            "So:\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"add\">\n<｜DSML｜parameter"
                + " name=\"a\" string=\"false\">1</｜DSML｜parameter>\n</｜DSML｜invoke>\n<｜DSML｜invoke"
                + " name=\"get-it\">\n<｜DSML｜parameter name=\"i\" string=\"true\">7</｜DSML｜parameter>\n"
                + "<｜DSML｜parameter name=\"n\" string=\"true\">null</｜DSML｜parameter>\n<｜DSML｜parameter"
                + " name=\"a\\\" b\" string=\"false\">{\"k\": [null]}</｜DSML｜parameter>\n"
                + "</｜DSML｜invoke>\n</｜DSML｜function_calls>",
            "So:",
            "",
            List.of(
                ADD, "get-it {\"i\": \"7\", \"n\": \"null\", \"a\\\\\\\" b\": {\"k\": [null]}}")));
  }

  @Test
  void a_text_between_tags_grows_but_for_what_may_be_its_end() {
    ChatAnswer answer =
        ChatAnswerTest.answer(
            ChatAnswerTest.MARKED,
            ChatNotation.QWEN3_CODER,
            "<tool_call>\n<function=get-it>\n<parameter=s>\na\n<b\n</parameter>\n"
                + "<parameter=i>\n12\n</parameter>\n</function>\n</tool_call>",
            SpecialTokens.all());
    List<String> grown =
        Stream.generate(() -> answer.hasNext() ? answer.next() : null)
            .takeWhile(part -> part != null)
            .filter(ChatPart.CallArguments.class::isInstance)
            .map(part -> ((ChatPart.CallArguments) part).json())
            .toList();
    assertThat(grown)
        .containsExactly("{", "\"s\": ", "\"", "a", "\\n<", "b", "\"", ", \"i\": ", "12", "}");
  }

  /** The end of the section, between arguments and in a value. */
  static Stream<Arguments> sections() {
    String qwen = "<tool_call>\n<function=get-it>\n<parameter=s>\na\n";
    String dsml =
        "<｜DSML｜function_calls><｜DSML｜invoke name=\"get-it\"><｜DSML｜parameter name=\"s\""
            + " string=\"true\">a";
    return Stream.of(
        Arguments.of(ChatNotation.QWEN3_CODER, qwen + "</parameter>\n</tool_call>"),
        Arguments.of(ChatNotation.QWEN3_CODER, qwen + "</tool_call>"),
        Arguments.of(
            ChatNotation.GLM, "<tool_call>get-it<arg_key>s</arg_key><arg_value>a</tool_call>"),
        Arguments.of(ChatNotation.DEEPSEEK_V32, dsml + "</｜DSML｜parameter></｜DSML｜function_calls>"),
        Arguments.of(ChatNotation.DEEPSEEK_V32, dsml + "</｜DSML｜function_calls>"));
  }

  @ParameterizedTest
  @MethodSource("sections")
  void a_section_that_ends_too_early_ends_its_call(ChatNotation notation, String written) {
    for (ByteTokenizer tokenizer : List.of(ChatAnswerTest.MARKED, ChatAnswerTest.PLAIN)) {
      ChatMessage message = read(tokenizer, notation, written + "Done." + written);
      assertThat(message.content()).isEqualTo("Done.");
      assertThat(message.toolCalls().stream().map(call -> call.name() + " " + call.arguments()))
          .containsExactly("get-it {\"s\": \"a\"}", "get-it {\"s\": \"a\"}");
    }
  }

  @Test
  void the_next_name_ends_a_value_if_it_is_a_special_token() {
    String written =
        "<tool_call>get-it<arg_key>s</arg_key><arg_value>a<arg_key>i</arg_key><arg_value>7"
            + "</arg_value></tool_call>";
    assertThat(
            read(ChatAnswerTest.MARKED, ChatNotation.GLM, written).toolCalls().get(0).arguments())
        .isEqualTo("{\"s\": \"a\", \"i\": 7}");
  }

  @Test
  void the_end_of_the_call_ends_a_value_if_it_has_a_special_token() {
    String written =
        "<｜DSML｜function_calls><｜DSML｜invoke name=\"get-it\"><｜DSML｜parameter name=\"s\""
            + " string=\"true\">a</｜DSML｜invoke><｜DSML｜invoke name=\"get-it\"></｜DSML｜invoke>"
            + "</｜DSML｜function_calls>Done.";
    ChatMessage message = read(ChatAnswerTest.MARKED, ChatNotation.DEEPSEEK_V32, written);
    assertThat(message.content()).isEqualTo("Done.");
    assertThat(message.toolCalls().stream().map(call -> call.arguments()))
        .containsExactly("{\"s\": \"a\"}", "{}");
  }

  /** Whatever the constraint allows in a text is read as one. */
  @Test
  void a_text_may_have_tags_of_text_that_do_not_end_it() {
    String written =
        "<tool_call><function=get-it><parameter=s>\n<parameter=x></function>\n</parameter>"
            + "</function></tool_call>";
    for (ByteTokenizer tokenizer : List.of(ChatAnswerTest.MARKED, ChatAnswerTest.PLAIN)) {
      assertThat(read(tokenizer, ChatNotation.QWEN3_CODER, written).toolCalls().get(0).arguments())
          .isEqualTo("{\"s\": \"<parameter=x></function>\"}");
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '#',
      value = {
        "#null#, null",
        "# null\n#, null",
        "#nul#, \"nul\"",
        "#nul l#, \"nul l\"",
        "#null null#, \"null null\"",
        "#nnull#, \"nnull\"",
        "#  \n#, \"  \\n\"",
        "##, \"\"",
      })
  void a_text_that_may_be_null_is_null_or_a_text(String value, String json) {
    String written =
        "<tool_call>get-it<arg_key>n</arg_key><arg_value>" + value + "</arg_value></tool_call>";
    assertThat(
            read(ChatAnswerTest.MARKED, ChatNotation.GLM, written).toolCalls().get(0).arguments())
        .isEqualTo("{\"n\": " + json + "}");
  }

  private static ChatMessage read(ByteTokenizer tokenizer, ChatNotation notation, String written) {
    return ChatAnswerTest.answer(tokenizer, notation, written, SpecialTokens.all()).message();
  }
}
