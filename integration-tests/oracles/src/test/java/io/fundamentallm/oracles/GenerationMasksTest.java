package io.fundamentallm.oracles;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.tokenizers.chat.JinjaChatTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Which words of a conversation are the assistant's, with templates of published models, as
 * Python's jinja2 alone finds them: {@code masks/generation_masks.py} wrote the expected spans.
 */
class GenerationMasksTest {
  private static final Map<String, String> SPECIAL =
      Map.of("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>", "pad_token", "<pad>");

  @Test
  void the_assistants_words_are_those_that_python_finds() throws Exception {
    Map<String, ?> vectors = Json.object(read("/masks/generation_masks.json"));
    Map<?, ?> conversations = map(vectors.get("conversations"));
    Set<String> compared = new TreeSet<>();
    Map<String, List<?>> marked = new HashMap<>();
    for (Object entry : list(vectors.get("templates"))) {
      Map<?, ?> one = map(entry);
      String name = (String) one.get("template");
      String source = read("/templates/" + name + ".jinja");
      for (Object pair : list(one.get("replacements"))) {
        source = source.replace((String) list(pair).get(0), (String) list(pair).get(1));
      }
      JinjaChatTemplate template = new JinjaChatTemplate(source, SPECIAL);
      for (Object aCase : list(one.get("cases"))) {
        Map<?, ?> expected = map(aCase);
        ChatPrompt conversation =
            conversation(list(conversations.get(expected.get("conversation"))));
        assertThat(found(template.examples(conversation)))
            .as("%s, %s", name, expected.get("conversation"))
            .isEqualTo(expected(list(expected.get("examples"))));
      }
      compared.add(name);
      if (!list(one.get("replacements")).isEmpty()) {
        marked.put(name, list(one.get("cases")));
      }
    }
    assertThat(compared).hasSizeGreaterThanOrEqualTo(20);
    assertThat(marked).hasSizeGreaterThanOrEqualTo(6);
  }

  /** The same template with and without {@code {% generation %}}: both readings agree. */
  @Test
  void comparing_renderings_finds_what_templates_mark() throws Exception {
    Map<String, ?> vectors = Json.object(read("/masks/generation_masks.json"));
    Map<Object, Object> unmarked = new HashMap<>();
    int both = 0;
    for (Object entry : list(vectors.get("templates"))) {
      Map<?, ?> one = map(entry);
      if (list(one.get("replacements")).isEmpty()) {
        unmarked.put(one.get("template"), one.get("cases"));
      } else {
        assertThat(one.get("cases")).isEqualTo(unmarked.get(one.get("template")));
        both++;
      }
    }
    assertThat(both).isGreaterThanOrEqualTo(6);
  }

  private static List<Map<String, Object>> found(List<List<ChatSegment>> examples) {
    List<Map<String, Object>> found = new ArrayList<>();
    for (List<ChatSegment> example : examples) {
      List<List<Integer>> spans = new ArrayList<>();
      List<String> words = new ArrayList<>();
      int at = 0; // in code points, as Python counts
      boolean before = false;
      for (ChatSegment segment : example) {
        int end = at + segment.text().codePointCount(0, segment.text().length());
        if (segment.generated() && before) {
          int last = spans.size() - 1;
          spans.set(last, List.of(spans.get(last).get(0), end));
          words.set(last, words.get(last) + segment.text());
        } else if (segment.generated()) {
          spans.add(List.of(at, end));
          words.add(segment.text());
        }
        before = segment.generated();
        at = end;
      }
      found.add(example(at, spans, words));
    }
    return found;
  }

  private static List<Map<String, Object>> expected(List<?> examples) {
    List<Map<String, Object>> expected = new ArrayList<>();
    for (Object example : examples) {
      List<List<Integer>> spans = new ArrayList<>();
      for (Object span : list(map(example).get("spans"))) {
        spans.add(list(span).stream().map(at -> ((Number) at).intValue()).toList());
      }
      int length = ((Number) map(example).get("length")).intValue();
      expected.add(example(length, spans, list(map(example).get("words"))));
    }
    return expected;
  }

  private static Map<String, Object> example(int length, List<List<Integer>> spans, List<?> words) {
    Map<String, Object> example = new LinkedHashMap<>();
    example.put("length", length);
    example.put("spans", spans);
    example.put("words", words);
    return example;
  }

  private static ChatPrompt conversation(List<?> turns) {
    List<ChatMessage> messages = new ArrayList<>();
    for (Object turn : turns) {
      Map<?, ?> message = map(turn);
      ChatMessage plain =
          new ChatMessage((String) message.get("role"), (String) message.get("content"));
      Object thinking = message.get("thinking");
      messages.add(thinking == null ? plain : plain.withThinking((String) thinking));
    }
    return ChatPrompt.of(messages);
  }

  private static List<?> list(Object value) {
    return (List<?>) value;
  }

  private static Map<?, ?> map(Object value) {
    return (Map<?, ?>) value;
  }

  private static String read(String resource) throws Exception {
    return Files.readString(Path.of(GenerationMasksTest.class.getResource(resource).toURI()));
  }
}
