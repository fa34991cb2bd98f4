package io.fundamentallm.tokenizers.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Tools, calls, results and arguments in templates; published ones are compared elsewhere. */
class JinjaToolsTest {
  private static final ChatTool TOOL =
      new ChatTool(
          "add", "Adds <x>.", "{\"type\": \"object\", \"properties\": {\"a\": {\"const\": 1.0}}}");
  private static final ChatToolCall CALL = new ChatToolCall("abc", "add", "{\"a\": [1, \"é\"]}");
  private static final ChatPrompt CALLED =
      ChatPrompt.builder(
              List.of(
                  ChatMessage.user("?"),
                  ChatMessage.assistant("", List.of(CALL)),
                  ChatMessage.tool(CALL, "2")))
          .tools(List.of(TOOL))
          .build();

  private static String render(String template, ChatPrompt prompt) {
    return new JinjaChatTemplate(template, Map.of())
        .segments(prompt, true).stream().map(ChatSegment::text).collect(Collectors.joining());
  }

  @Test
  void tools_are_dicts_in_the_order_in_which_they_are_written() {
    assertThat(render("{{ tools | tojson }}", CALLED))
        .isEqualTo(
            "[{\"type\": \"function\", \"function\": {\"name\": \"add\", \"description\": \"Adds"
                + " <x>.\", \"parameters\": {\"type\": \"object\", \"properties\": {\"a\":"
                + " {\"const\": 1.0}}}}}]");
  }

  @Test
  void arguments_are_what_the_template_expects() {
    String loop =
        "{% if tools %}{% endif %}{% for m in messages %}{% for c in m.tool_calls or [] %}";
    String end = "{% endfor %}{% endfor %}";
    assertThat(
            render(
                loop + "{{ c.function.name }} {{ c.function.arguments | tojson }}" + end, CALLED))
        .isEqualTo("add {\"a\": [1, \"é\"]}");
    assertThat(render(loop + "{{ c.function.name + c.function.arguments }}" + end, CALLED))
        .isEqualTo("add{\"a\": [1, \"é\"]}");
  }

  @Test
  void integers_of_any_length_are_exact_as_in_python() {
    String arguments =
        "{\"order\": 1234567890123456789, \"all\": [18446744073709551616, -9223372036854775809],"
            + " \"small\": 100000000000000000, \"float\": 1e3}";
    ChatToolCall call = new ChatToolCall("abc", "add", arguments);
    ChatTool tool =
        new ChatTool("add", "", "{\"properties\": {\"n\": {\"maximum\": 9223372036854775807}}}");
    ChatPrompt prompt =
        ChatPrompt.builder(List.of(ChatMessage.assistant("", List.of(call))))
            .tools(List.of(tool))
            .build();
    String given =
        "{% if tools %}{% endif %}{% set a = messages[0].tool_calls[0].function.arguments %}";
    assertThat(render("{{ tools | tojson }}", prompt))
        .contains("{\"maximum\": 9223372036854775807}");
    assertThat(render(given + "{{ a | tojson }}", prompt))
        .isEqualTo(arguments.replace("1e3", "1000.0"));
    assertThat(render(given + "{{ a.order }} {{ a.all }} {{ a.float }}", prompt))
        .isEqualTo("1234567890123456789 [18446744073709551616, -9223372036854775809] 1000.0");
    assertThat(
            render(
                given
                    + "{{ a.all[0] is integer }} {{ a.all[0] is number }} {{ a.all[0] is float }}"
                    + " {{ a.all[0] > a.order }} {{ a.all[1] < 0 }} {{ a.all[0] == a.all[0] }}"
                    + " {{ a.all[0] == 1 }} {{ a.all | sort }} {{ a.all[0] | int }}"
                    + " {{ a.all[0] | string | length }} {{ 1 if a.all[0] }} {{ a.all[1] | abs }}",
                prompt))
        .isEqualTo(
            "True True False True True True False [-9223372036854775809, 18446744073709551616]"
                + " 18446744073709551616 20 1 9223372036854775809");
  }

  @Test
  void a_turn_without_words_has_no_content_unless_the_template_needs_one() {
    String calls =
        "{% if tools %}{% endif %}{% for m in messages %}{% for c in m.tool_calls or [] %}"
            + "{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}";
    assertThat(render(calls + "{% if m.content is none %}-{% endif %}{% endfor %}", CALLED))
        .isEqualTo("add{\"a\": [1, \"é\"]}-");
    assertThat(render(calls + "{{ m.content + '.' }}{% endfor %}", CALLED))
        .isEqualTo("?.add{\"a\": [1, \"é\"]}.2.");
  }

  /** As gpt-oss's, which has one place for both. */
  @Test
  void a_template_that_refuses_words_beside_thinking_gets_both_as_thinking() {
    String refusing =
        "{% if tools %}{% endif %}{% for m in messages %}{% for c in m.tool_calls or [] %}"
            + "{% if m.content and m.thinking %}{{ raise_exception('not both') }}{% endif %}"
            + "{{ c.function.name }}{{ c.function.arguments | tojson }}{% endfor %}"
            + "[{{ m.thinking }}]{{ m.content or '' }};{% endfor %}";
    ChatPrompt prompt =
        ChatPrompt.builder(
                List.of(
                    ChatMessage.assistant("Wait.", List.of(CALL)).withThinking("Hm."),
                    ChatMessage.assistant("Wait.", List.of(CALL)),
                    ChatMessage.assistant("", List.of(CALL)).withThinking("Hm."),
                    ChatMessage.assistant("Yes.").withThinking("Hm.")))
            .tools(List.of(TOOL))
            .build();
    String call = "add{\"a\": [1, \"é\"]}";
    assertThat(render(refusing, prompt))
        .isEqualTo(call + "[Hm.\nWait.];" + call + "[]Wait.;" + call + "[Hm.];" + "[Hm.]Yes.;");
    String taking = refusing.replace("raise_exception('not both')", "'both '");
    assertThat(render(taking, prompt)).startsWith("both " + call + "[Hm.]Wait.;");
  }

  @Test
  void results_name_their_call() {
    String template =
        "{% if tools %}{% endif %}{% for m in messages if m.role == 'tool' %}{{ m.tool_call_id }}"
            + " {{ m.name }} {{ m.content }}{% endfor %}";
    assertThat(render(template, CALLED)).isEqualTo("abc add 2");
  }

  @Test
  void texts_of_tools_and_arguments_are_marked_as_a_messages() {
    ChatPrompt prompt =
        CALLED.toBuilder().templateArgument("documents", List.of(Map.of("text", "<doc>"))).build();
    List<ChatSegment> segments =
        new JinjaChatTemplate(
                "<t>{{ tools[0].function.description }}<d>{{ documents[0].text }}", Map.of())
            .segments(prompt, true);
    assertThat(segments)
        .containsExactly(
            new ChatSegment("<t>", false),
            new ChatSegment("Adds <x>.", true),
            new ChatSegment("<d>", false),
            new ChatSegment("<doc>", true));
  }

  @Test
  void a_template_without_tools_is_told_of_them_in_words() {
    String turns = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}";
    String rendered = render(turns, CALLED);
    assertThat(rendered)
        .startsWith("[system]You can call tools.")
        .contains("{\"name\":\"add\",\"description\":\"Adds <x>.\"")
        .endsWith(
            "[user]?[assistant]<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": [1, \"é\"]}}\n"
                + "</tool_call>[user]<tool_response>\n2\n</tool_response>");
    assertThat(
            render(
                "{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}"
                    + turns,
                CALLED))
        .startsWith("[user]You can call tools.")
        .contains("\n\n?[assistant]");
  }

  /** As those of Gemma 2 and 3, Llama 2 and the first ones of Mistral. */
  @Test
  void results_of_several_calls_are_one_turn_where_roles_must_alternate() {
    String alternating =
        "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}"
            + "{{ raise_exception('roles must alternate') }}{% endif %}"
            + "[{{ m.role }}]{{ m.reasoning_content }}{{ m.content }}{% endfor %}";
    ChatToolCall other = new ChatToolCall("def", "add", "{}");
    ChatPrompt prompt =
        ChatPrompt.builder(
                List.of(
                    ChatMessage.user("?"),
                    ChatMessage.assistant("", List.of(CALL, other)).withThinking("Hm."),
                    ChatMessage.tool(other, "3"),
                    ChatMessage.tool(CALL, "2"),
                    ChatMessage.assistant("", List.of(CALL)),
                    ChatMessage.tool(CALL, "4")))
            .tools(List.of(TOOL))
            .build();
    assertThat(render(alternating, prompt))
        .contains("[assistant]Hm.<tool_call>")
        .contains(
            "</tool_call>[user]<tool_response>\n3\n</tool_response>\n<tool_response>\n2\n"
                + "</tool_response>[assistant]<tool_call>")
        .endsWith("</tool_call>[user]<tool_response>\n4\n</tool_response>");
  }

  @Test
  void a_template_of_deepseek_that_writes_calls_is_told_of_tools_as_its_card_does() {
    String template =
        "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] or '' }}{% for c in"
            + " m['tool_calls'] or [] %}<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>{{"
            + " c['function']['name'] }}<｜tool▁sep｜>{{ c['function']['arguments'] | tojson }}"
            + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>{% endfor %}{% endfor %}";
    assertThat(render(template, CALLED))
        .startsWith(
            "[system]## Tools\nYou have access to the following tools:\n\n### add\nDescription: Adds"
                + " <x>.\n\nParameters: {\"type\": \"object\"")
        .contains(
            "<｜tool▁call▁begin｜>tool_call_name<｜tool▁sep｜>tool_call_arguments<｜tool▁call▁end｜>")
        .endsWith(
            "[user]?[assistant]<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add<｜tool▁sep｜>{\"a\": [1, \"é\"]}"
                + "<｜tool▁call▁end｜><｜tool▁calls▁end｜>[tool]2");
    assertThat(render(template.replace("begin｜>{{", "begin｜>```json{{"), CALLED))
        .contains("<｜tool▁call▁begin｜>function<｜tool▁sep｜>tool_call_name\n```json\n");
  }

  @Test
  void arguments_of_the_template_are_variables() {
    ChatPrompt prompt =
        ChatPrompt.builder(List.of(ChatMessage.user("?")))
            .templateArgument("reasoning_effort", "low")
            .templateArgument("n", 3)
            .templateArgument("nothing", null)
            .thinkingBudget(0)
            .build();
    assertThat(
            render(
                "{{ reasoning_effort }} {{ n + 1 }} {{ nothing }} {{ enable_thinking }}", prompt))
        .isEqualTo("low 4 None False");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                render(
                    "x",
                    prompt.toBuilder().templateArgument("thread", Thread.currentThread()).build()))
        .withMessageContaining("must be a string");
  }

  @Test
  void the_notation_is_what_the_template_shows() {
    assertThat(notation("<tool_call>\n{\"name\"")).isEqualTo(ChatNotation.HERMES);
    assertThat(notation("<tool_call>\n<function=a>\n<parameter=b>"))
        .isEqualTo(ChatNotation.QWEN3_CODER);
    assertThat(notation("<tool_call>a<arg_key>b</arg_key><arg_value>")).isEqualTo(ChatNotation.GLM);
    assertThat(notation("{% set d = '｜DSML｜' %}<{{ d }}function_calls>"))
        .isEqualTo(ChatNotation.DEEPSEEK_V32);
    assertThat(notation("<｜tool▁call▁begin｜>a<｜tool▁sep｜>")).isEqualTo(ChatNotation.DEEPSEEK_V31);
    assertThat(notation("[TOOL_CALLS]{{ x }}[ARGS]")).isEqualTo(ChatNotation.MISTRAL_ARGS);
    assertThat(notation("<|channel|>analysis to=functions.")).isEqualTo(ChatNotation.HARMONY);
    assertThat(notation("{{ messages }}")).isEqualTo(ChatNotation.GENERIC);
    assertThat(new JinjaChatTemplate("{{ '<think>' }}", Map.of()).thinks()).isTrue();
    assertThat(new JinjaChatTemplate("{{ messages }}", Map.of()).thinks()).isFalse();
  }

  private static ChatNotation notation(String template) {
    return new JinjaChatTemplate(template, Map.of()).notation();
  }
}
