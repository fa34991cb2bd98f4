package io.fundamentallm.oracles;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.tokenizers.chat.JinjaChatTemplate;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Templates of published models with tools, thinking and results of tools, in Hugging Face's own
 * interpreter. It is given what this library's users would give Hugging Face's; where that can be
 * said in several ways (arguments as an object or as text, no content or an empty one), one of them
 * must give the same text.
 *
 * <p>Beside the templates in the resources, those in the folder of the property {@code
 * oracles.templates} are compared: for templates whose licence does not allow a copy here.
 */
@Tag("oracle")
class JinjaTest {
  private static final int TEMPLATES = 24;

  /** Templates without this variable are told of tools in words, which no other library does. */
  private static final Pattern TOOLS = Pattern.compile("\\btools\\b");

  /**
   * Templates that are not compared, of those that cannot be copied here: where {@code
   * fields.items} is a method of Python's dicts, where a dict is printed as Python does, and where
   * Jinja's {@code call} and {@code *arguments} are used, which this library does not know.
   */
  private static final Pattern LEFT_OUT =
      Pattern.compile("CohereForAI-c4ai-command-r-(plus|v01).*|.*Hammer2.*|.*Jamba.*|.*MiniCPM3.*");

  private static final Map<String, String> SPECIAL =
      Map.of("bos_token", "<s>", "eos_token", "</s>", "unk_token", "<unk>", "pad_token", "<pad>");

  private record Case(String template, String conversation, ChatPrompt prompt, String source) {}

  @Test
  void templates_render_the_same_text() throws Exception {
    List<Case> cases = new ArrayList<>();
    for (Map.Entry<String, String> template : templates().entrySet()) {
      Conversations.ALL.forEach(
          (name, prompt) -> {
            if (prompt.tools().isEmpty() || TOOLS.matcher(template.getValue()).find()) {
              cases.add(new Case(template.getKey(), name, prompt, template.getValue()));
            }
          });
    }
    List<Map<String, Object>> theirs = rendered(cases);
    int forms = OpenAiForm.ALL.size();
    Set<String> different = new TreeSet<>();
    Set<String> refused = new TreeSet<>();
    Map<String, Set<String>> equal = new TreeMap<>();
    for (int i = 0; i < cases.size(); i++) {
      Case one = cases.get(i);
      List<Object> texts =
          theirs.subList(i * forms, (i + 1) * forms).stream()
              .map(answer -> answer.get("text"))
              .toList();
      if (texts.stream().allMatch(Objects::isNull)) {
        refused.add(one.template() + ", " + one.conversation());
        continue;
      }
      String ours;
      try {
        ours = render(one);
      } catch (IllegalArgumentException e) {
        different.add(one.template() + ", " + one.conversation() + ": " + e.getMessage());
        continue;
      }
      if (texts.contains(ours)) {
        equal.computeIfAbsent(one.template(), key -> new TreeSet<>()).add(one.conversation());
      } else {
        different.add(one.template() + ", " + one.conversation() + ": " + difference(ours, texts));
      }
    }
    equal.forEach((name, conversations) -> System.out.println(name + ": " + conversations));
    List<String> withTools =
        equal.entrySet().stream()
            .filter(entry -> entry.getValue().containsAll(Conversations.WITH_TOOLS))
            .map(Map.Entry::getKey)
            .toList();
    System.out.println("refused there, so not compared: " + refused);
    System.out.printf("%d templates with all conversations with tools%n", withTools.size());
    assertThat(different).isEmpty();
    assertThat(withTools).hasSizeGreaterThanOrEqualTo(TEMPLATES);
  }

  private static String render(Case one) {
    JinjaChatTemplate template = new JinjaChatTemplate(one.source(), SPECIAL);
    return template.segments(one.prompt(), true).stream()
        .map(ChatSegment::text)
        .collect(Collectors.joining());
  }

  private static String difference(String ours, List<Object> texts) {
    String closest = "";
    int best = -1;
    for (Object text : texts) {
      if (text instanceof String theirs) {
        int at = 0;
        while (at < Math.min(ours.length(), theirs.length())
            && ours.charAt(at) == theirs.charAt(at)) {
          at++;
        }
        if (at > best) {
          best = at;
          closest =
              "after "
                  + at
                  + " characters ours <<"
                  + ours.substring(Math.max(0, at - 30), Math.min(ours.length(), at + 40))
                  + ">> theirs <<"
                  + theirs.substring(Math.max(0, at - 30), Math.min(theirs.length(), at + 40))
                  + ">>";
        }
      }
    }
    return closest;
  }

  private static List<Map<String, Object>> rendered(List<Case> cases)
      throws IOException, InterruptedException {
    List<Object> input = new ArrayList<>();
    for (Case one : cases) {
      for (OpenAiForm form : OpenAiForm.ALL) {
        Map<String, Object> values = new LinkedHashMap<>(SPECIAL);
        values.putAll(form.values(one.prompt()));
        input.add(Map.of("template", one.source(), "values", values));
      }
    }
    Path file = Files.createTempFile("cases", ".json");
    try {
      String json = JsonWriter.compact(Map.of("cases", input));
      Files.writeString(file, json.substring("{\"cases\":".length(), json.length() - 1));
      List<Map<String, Object>> answers = new ArrayList<>();
      Node.jinja().run(file.toString()).forEach(line -> answers.add(Json.object(line)));
      return answers;
    } finally {
      Files.delete(file);
    }
  }

  private static Map<String, String> templates() throws IOException, URISyntaxException {
    Map<String, String> templates = new TreeMap<>();
    addAll(templates, Path.of(JinjaTest.class.getResource("/templates").toURI()));
    String more = System.getProperty("oracles.templates");
    if (more != null) {
      addAll(templates, Path.of(more));
    }
    return templates;
  }

  private static boolean isCompared(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(".jinja") && !LEFT_OUT.matcher(name).matches();
  }

  private static void addAll(Map<String, String> templates, Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(JinjaTest::isCompared).toList()) {
        templates.put(file.getFileName().toString(), Files.readString(file));
      }
    }
  }
}
