package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.chat.ChatAnswer;
import io.fundamentallm.chat.ChatPart;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.model.Spec;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A generator's own constraint is one of the text, which comes after what is thought. */
class HeldTextTest {
  private static final List<MarkedPieces> TOKENIZERS =
      List.of(
          ThinkingBudgetTest.BEGUN,
          ThinkingBudgetTest.BEGUN_AS_TEXT,
          ThinkingBudgetTest.ALLOWED,
          ThinkingBudgetTest.TEXT_ALONE);

  private static final List<OptionalInt> BUDGETS =
      List.of(OptionalInt.empty(), OptionalInt.of(0), OptionalInt.of(9));

  private static final String DOCUMENT = "{\"text\": \"a <think> tag\"}";

  private @TempDir Path folder;

  private static ChatPrompt.Builder prompt() {
    return ChatPrompt.builder(List.of(ChatMessage.user("?")));
  }

  /** Constraints, each with a text that it allows and, where there is one, one that it does not. */
  private Map<String, String> texts() throws IOException {
    Path schema = folder.resolve("a.json");
    Files.writeString(schema, ThinkingBudgetTest.TEXT_SCHEMA);
    String value = Spec.quoted(ThinkingBudgetTest.TEXT_SCHEMA);
    return Map.ofEntries(
        Map.entry("json", DOCUMENT),
        Map.entry("json-object", DOCUMENT),
        Map.entry("json-object(max-depth=3)", DOCUMENT),
        Map.entry("json(max-whitespace=5)", "[1,    2]"),
        Map.entry("json-schema=" + value, DOCUMENT),
        Map.entry("json-schema(value=" + value + ",max-whitespace=3)", "{\"text\":   \"\"}"),
        Map.entry("json-schema=@" + Spec.quoted(schema.toString()), DOCUMENT),
        Map.entry("json-schema=" + Spec.quoted(" true "), "12.5"),
        Map.entry("json-schema={}", "\"</think>\""),
        Map.entry("choice=" + Spec.quoted("yes|no"), "no"),
        Map.entry("regex=" + Spec.quoted("a [a-z<>/]* b"), "a <think> b"),
        Map.entry("regex=" + Spec.quoted("(x|</think>|<tool_call>){3}"), "x</think><tool_call>"),
        Map.entry(
            "grammar="
                + Spec.quoted(
                    "root ::= begin \"-\" document\nbegin ::= \"a\"+\ndocument ::= [0-9]"),
            "aa-7"));
  }

  @Test
  void a_model_may_think_before_it() throws IOException {
    int cells = 0;
    for (Map.Entry<String, String> held : texts().entrySet()) {
      for (MarkedPieces tokenizer : TOKENIZERS) {
        for (OptionalInt budget : BUDGETS) {
          ChatPrompt.Builder asked = prompt();
          budget.ifPresent(asked::thinkingBudget);
          ChatPrompt prompt = asked.build();
          String thought = budget.orElse(1) == 0 ? "" : "why";
          boolean begun =
              tokenizer == ThinkingBudgetTest.BEGUN
                  || tokenizer == ThinkingBudgetTest.BEGUN_AS_TEXT;
          String thinking =
              begun
                  ? thought + "</think>\n"
                  : thought.isEmpty() ? "" : "<think>" + thought + "</think>\n";
          TextGenerator plain =
              ThinkingBudgetTest.wanting(
                  tokenizer, prompt, thinking + held.getValue(), held.getValue().length());
          for (TextGenerator generator :
              List.of(
                  plain.withConstraint(held.getKey()),
                  plain.withSampler(held.getKey() + ",greedy"),
                  plain.withSampler("temperature=1," + held.getKey() + ",top-k=1,greedy"))) {
            String cell = held + " " + TOKENIZERS.indexOf(tokenizer) + " " + budget;
            ChatMessage expected = ChatMessage.assistant(held.getValue()).withThinking(thought);
            assertThat(generator.chat(prompt).message()).as(cell).isEqualTo(expected);
            assertThat(streamed(generator.chat(prompt))).as(cell).isEqualTo(expected);
            cells++;
          }
        }
      }
    }
    assertThat(cells).isEqualTo(13 * 4 * 3 * 3);
  }

  /** A reader of the text cannot tell such a marker from it. */
  @ParameterizedTest
  @EnumSource
  void a_marker_that_is_text_is_not_written_behind_it(ChatNotation notation) {
    String spec =
        "{\"notation\":\"%s\",\"thinking\":\"allowed\",\"text\":".formatted(notation.id())
            + "{\"name\":\"choice\",\"options\":{\"value\":\"yes|no\"}}}";
    assertThat(Bound.accepts(Bound.bytes("chat-answer", spec), "yes")).isTrue();
    for (String silent : ChatSyntax.named(notation.id()).silent()) {
      assertThat(Bound.accepts(Bound.bytes("chat-answer", spec), silent + "yes")).isTrue();
      assertThat(Bound.accepts(Bound.bytes("chat-answer", spec), "yes" + silent)).isFalse();
    }
  }

  private static ChatMessage streamed(ChatAnswer answer) {
    StringBuilder text = new StringBuilder();
    StringBuilder thinking = new StringBuilder();
    answer.forEachRemaining(
        part -> {
          if (part instanceof ChatPart.Text more) {
            text.append(more.text());
          } else if (part instanceof ChatPart.Thinking more) {
            thinking.append(more.text());
          }
        });
    return ChatMessage.assistant(text.toString()).withThinking(thinking.toString());
  }

  @Test
  void no_text_that_it_does_not_allow_is_written_behind_the_thinking() throws IOException {
    for (MarkedPieces tokenizer : TOKENIZERS) {
      List<String> texts = new ArrayList<>();
      for (long seed = 0; seed < 20; seed++) {
        texts.add(
            ThinkingBudgetTest.wanting(tokenizer, prompt().build(), "<think>why</think>maybe", 5)
                .withSampler("choice=" + Spec.quoted("yes|no") + ",temperature=50")
                .withSeed(seed)
                .withMaxNewTokens(500)
                .chat(prompt().thinkingBudget(4).build())
                .message()
                .content());
      }
      assertThat(texts).isSubsetOf("yes", "no");
    }
  }

  @Test
  void beside_tools_it_is_refused_wherever_it_stands() {
    ChatPrompt tools = prompt().tools(List.of(new ChatTool("add", "", "{}"))).build();
    TextGenerator generator =
        ThinkingBudgetTest.wanting(ThinkingBudgetTest.ALLOWED, tools, "Yes.", 0);
    for (TextGenerator held :
        List.of(generator.withConstraint("json"), generator.withSampler("json,greedy"))) {
      assertThatThrownBy(() -> held.chat(tools))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("the generator has the constraint json")
          .hasMessageContaining("give the schema to the prompt");
    }
  }
}
