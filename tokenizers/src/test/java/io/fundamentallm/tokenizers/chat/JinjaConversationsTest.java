package io.fundamentallm.tokenizers.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatSegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole conversations through the templates of Qwen 3 (Apache-2.0) and DeepSeek V3 (MIT), and
 * through some in the manner of other families.
 */
class JinjaConversationsTest {

  static Stream<Arguments> conversations() {
    return Goldens.read("conversations.json").stream()
        .map(Map.class::cast)
        .flatMap(
            model ->
                ((List<?>) model.get("cases"))
                    .stream().map(one -> Arguments.of(model.get("name"), template(model), one)));
  }

  private static JinjaChatTemplate template(Map<?, ?> model) {
    Map<String, String> variables = new LinkedHashMap<>();
    ((Map<?, ?>) model.get("variables"))
        .forEach((name, value) -> variables.put((String) name, (String) value));
    return new JinjaChatTemplate((String) model.get("template"), variables);
  }

  private static List<ChatMessage> messages(Map<?, ?> conversation) {
    List<ChatMessage> messages = new ArrayList<>();
    for (Object message : (List<?>) conversation.get("messages")) {
      List<?> parts = (List<?>) message;
      messages.add(new ChatMessage((String) parts.get(0), (String) parts.get(1)));
    }
    return messages;
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("conversations")
  void renders_as_python_does(String model, JinjaChatTemplate template, Map<?, ?> conversation) {
    List<ChatMessage> messages = messages(conversation);
    boolean prompt = (Boolean) conversation.get("prompt");
    Object expected = conversation.get("output");
    if (expected == null) {
      String refusal = (String) conversation.get("refusal");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> template.render(messages, prompt))
          .satisfies(e -> assertThat(refusal).isIn("", e.getMessage()));
      return;
    }
    assertThat(template.render(messages, prompt)).isEqualTo(expected);
    assertThat(template.segments(messages, prompt).stream().map(ChatSegment::text))
        .doesNotContain("")
        .satisfies(texts -> assertThat(String.join("", texts)).isEqualTo(expected));
  }

  @ParameterizedTest(name = "{0}: {2}")
  @MethodSource("conversations")
  void what_is_said_is_marked_and_nothing_else(
      String model, JinjaChatTemplate template, Map<?, ?> conversation) {
    if (conversation.get("output") == null || model.equals("json")) {
      return; // JSON escapes what is said
    }
    List<ChatMessage> messages = messages(conversation);
    String contents = messages.stream().map(ChatMessage::content).collect(Collectors.joining());
    for (ChatSegment segment : template.segments(messages, (Boolean) conversation.get("prompt"))) {
      if (segment.fromMessage()) {
        assertThat(contents).contains(segment.text().strip());
      }
    }
  }
}
