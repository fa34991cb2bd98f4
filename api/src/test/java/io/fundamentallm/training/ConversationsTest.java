package io.fundamentallm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files of conversations and preferences, and what of them is learned. */
class ConversationsTest {
  private static final ChatTemplate TURNS =
      (messages, prompt) ->
          messages.stream()
                  .map(message -> message.role() + ":" + message.content() + "</s>\n")
                  .collect(Collectors.joining())
              + (prompt ? "assistant:" : "");

  private static final Tokenizer TOKENIZER =
      new Talking(ByteTokenizer.withBeginAndEnd(), Optional.of(TURNS));

  @TempDir private Path folder;

  private record Talking(ByteTokenizer bytes, Optional<ChatTemplate> chatTemplate)
      implements Tokenizer {
    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return bytes.encode(text, allowed);
    }

    @Override
    public byte[] bytes(int token) {
      return bytes.bytes(token);
    }

    @Override
    public Vocabulary vocabulary() {
      return bytes.vocabulary();
    }

    @Override
    public void save(Path modelDirectory) throws IOException {
      bytes.save(modelDirectory);
    }
  }

  private Path file(String... lines) throws IOException {
    return Files.writeString(folder.resolve("data.jsonl"), String.join("\n", lines));
  }

  /** The text of each example, with what is learned in brackets; units on lines of their own. */
  private static String shown(TokenSequence tokens) {
    int size = (int) tokens.size();
    int[] ids = new int[size];
    byte[] marks = new byte[size];
    tokens.read(0, ids, 0, size);
    tokens.marks().orElseThrow().read(0, marks, 0, size);
    StringBuilder text = new StringBuilder();
    boolean learned = false;
    for (int i = 0; i < size; i++) {
      boolean next = (marks[i] & TokenMarks.LEARNED) != 0;
      text.append(learned && !next ? "]" : "");
      if ((marks[i] & TokenMarks.BEGIN) != 0) {
        text.append((marks[i] & TokenMarks.UNIT) != 0 ? "\n" : "|");
      }
      text.append(!learned && next ? "[" : "");
      text.append(TOKENIZER.decode(ids[i]).replace("\n", "/"));
      learned = next;
    }
    return text.append(learned ? "]" : "").toString().strip();
  }

  @Test
  void openais_messages_are_read() throws IOException {
    Path file =
        file(
            "{\"messages\":[{\"role\":\"system\",\"content\":\"S\"},{\"role\":\"user\",\"content\":"
                + "[{\"type\":\"text\",\"text\":\"q\"},{\"type\":\"text\",\"text\":\"r\"}]},"
                + "{\"role\":\"assistant\",\"content\":\"a\",\"weight\":1},"
                + "{\"role\":\"user\",\"content\":\"more\"},"
                + "{\"role\":\"assistant\",\"content\":\"b</s>\"},"
                + "{\"role\":\"user\",\"content\":\"never answered\"}]}",
            "",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"é\"},{\"role\":\"assistant\","
                + "\"content\":\"ü\"}],\"id\":7}");
    assertThat(shown(Conversations.read(TOKENIZER, file)))
        .isEqualTo(
            "system:S</s>/user:q/r</s>/assistant:[a</s>]/user:more</s>/assistant:[b</s></s>]/\n"
                + "user:\uFFFD\uFFFD</s>/assistant:[\uFFFD\uFFFD</s>]/");
  }

  /** What the service and the adapters put before a template, whose tests say the same. */
  @Test
  void parts_and_roles_are_learned_as_they_are_served() throws IOException {
    Path file =
        file(
            "{\"messages\":[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"\"},"
                + "{\"type\":\"text\",\"text\":\"S\"},{\"type\":\"text\",\"text\":\"T\"}]},"
                + "{\"role\":\"user\",\"content\":\"q\"},"
                + "{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},"
                + "{\"type\":\"text\",\"text\":\"b\"}]}]}");
    assertThat(shown(Conversations.read(TOKENIZER, file)))
        .isEqualTo("system:S/T</s>/user:q</s>/assistant:[a/b</s>]/");
  }

  @Test
  void a_byte_order_mark_is_no_part_of_the_first_conversation() throws IOException {
    Path file =
        file(
            "\uFEFF{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
                + "{\"role\":\"assistant\",\"content\":\"a\"}]}");
    assertThat(shown(Conversations.read(TOKENIZER, file)))
        .isEqualTo("user:q</s>/assistant:[a</s>]/");
  }

  @Test
  void half_a_surrogate_pair_is_refused_with_its_place() throws IOException {
    Path file =
        file(
            "",
            "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
                + "{\"role\":\"assistant\",\"content\":\"a\\ud83d!\"}]}");
    assertThatIOException()
        .isThrownBy(() -> Conversations.read(TOKENIZER, file))
        .withMessage(
            file
                + ", line 2: \"messages[1].content\" has half a surrogate pair at character 1,"
                + " which is not text");
  }

  @Test
  void a_role_that_nobody_has_is_refused_with_its_place() throws IOException {
    Path file =
        file(
            "{\"messages\":[{\"role\":\"usr\",\"content\":\"q\"},"
                + "{\"role\":\"assistant\",\"content\":\"a\"}]}");
    assertThatIOException()
        .isThrownBy(() -> Conversations.read(TOKENIZER, file))
        .withMessage(
            file
                + ", line 1: messages[0].role is \"usr\"; expected one of system, developer, user,"
                + " assistant, tool");
  }

  @Test
  void a_file_without_an_example_is_refused_also_beside_others() throws IOException {
    Path file = file("", "");
    Path full =
        Files.writeString(
            file.resolveSibling("full.jsonl"),
            "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},"
                + "{\"role\":\"assistant\",\"content\":\"a\"}]}");
    for (Path[] files : new Path[][] {{file}, {full, file}, {file, full}}) {
      assertThatIOException()
          .isThrownBy(() -> Conversations.read(TOKENIZER, files))
          .withMessage(file + ": no examples; expected JSON Lines, an object in each line");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Conversations.read(TOKENIZER))
        .withMessage("no files; expected at least one");
    Path nowhere = folder.resolve("no.jsonl");
    assertThatIOException()
        .isThrownBy(() -> TrainingData.ofConversations(TOKENIZER, 0.9, nowhere))
        .withMessage(nowhere + ": there is no such file or directory");
  }

  @Test
  void calls_of_tools_are_learned_and_their_results_are_not() throws IOException {
    Path file =
        file(
            "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"add\",\"parameters\":{}}}],"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"1+1\"},{\"role\":\"assistant\","
                + "\"content\":null,\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"add\",\"arguments\":\"{\\\"n\\\":"
                + " 1}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c1\",\"content\":\"2\"},"
                + "{\"role\":\"assistant\",\"content\":\"two\"}]}");
    String shown = shown(Conversations.read(TOKENIZER, file));
    assertThat(shown)
        .startsWith("system:You can call tools.")
        .contains("assistant:[<tool_call>/{\"name\": \"add\", \"arguments\": {\"n\": 1}}")
        .contains("user:<tool_response>/2/</tool_response></s>/assistant:[two</s>]/");
  }

  @Test
  void sharegpts_conversations_are_read() throws IOException {
    Path file =
        file(
            "{\"system\":\"S\",\"conversations\":[{\"from\":\"human\",\"value\":\"q\"},"
                + "{\"from\":\"gpt\",\"value\":\"a\"}]}",
            "{\"conversations\":[{\"from\":\"system\",\"value\":\"T\"},{\"from\":\"user\","
                + "\"value\":\"q\"},{\"from\":\"assistant\",\"value\":\"b\"}]}");
    assertThat(shown(Conversations.read(TOKENIZER, file)))
        .isEqualTo(
            "system:S</s>/user:q</s>/assistant:[a</s>]/\n"
                + "system:T</s>/user:q</s>/assistant:[b</s>]/");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{\"messages\":[]}|messages is an empty list; expected a list of at least one",
        "{\"text\":\"x\"}|neither \"messages\" nor \"conversations\"; the fields are text",
        "{\"messages\":[{\"role\":\"user\",\"content\":5}]}|messages[0].content is 5; expected a"
            + " text",
        "{\"messages\":[{\"content\":\"x\"}]}|messages[0].role is null; expected a text",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}|no turn of the role assistant",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\"}]}|the first message is the"
            + " assistant's",
        "{\"messages\":[{\"role\":\"assistant\",\"content\":\"x\",\"weight\":0}]}|messages[0].weight"
            + " is 0",
        "{\"conversations\":[{\"from\":\"me\",\"value\":\"x\"}]}|conversations[0].from is \"me\"",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\"}]}]}|only text can"
            + " be learned",
        "{\"messages\":|expected a value at character",
      })
  void what_is_wrong_is_said_with_file_and_line(String line, String problem) throws IOException {
    String good =
        "{\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\","
            + "\"content\":\"a\"}]}";
    Path file = file(good, "", line, good);
    assertThatIOException()
        .isThrownBy(() -> Conversations.read(TOKENIZER, file))
        .withMessageStartingWith(file + ", line 3: ")
        .withMessageContaining(problem);
  }

  @Test
  void a_tokenizer_without_a_template_is_refused() {
    assertThatIllegalStateException()
        .isThrownBy(
            () -> Conversations.of(new Talking(ByteTokenizer.plain(), Optional.empty()), List.of()))
        .withMessageContaining("chat_template.jinja. A GGUF file has its own: convert it again");
  }

  @Test
  void pairs_are_read_in_the_layouts_of_trl() throws IOException {
    String user = "[{\"role\":\"user\",\"content\":\"q\"}";
    String good = "{\"role\":\"assistant\",\"content\":\"yes\"}";
    String bad = "{\"role\":\"assistant\",\"content\":\"no\"}";
    Path file =
        file(
            "{\"prompt\":\"p \",\"chosen\":\"c\",\"rejected\":\"r\"}",
            "{\"prompt\":" + user + "],\"chosen\":[" + good + "],\"rejected\":[" + bad + "]}",
            "{\"chosen\":" + user + "," + good + "],\"rejected\":" + user + "," + bad + "]}");
    String messages = "user:q</s>/assistant:[yes</s>]/|user:q</s>/assistant:[no</s>]/";
    assertThat(shown(Preferences.read(TOKENIZER, file)))
        .isEqualTo("<s>p [c</s>]|<s>p [r</s>]\n" + messages + "\n" + messages);
  }

  @Test
  void earlier_answers_are_no_part_of_a_preference() {
    ChatPrompt prompt =
        ChatPrompt.of(
            List.of(ChatMessage.user("q"), ChatMessage.assistant("early"), ChatMessage.user("r")));
    Preferences.Pair pair =
        new Preferences.Pair(prompt, ChatMessage.assistant("a"), ChatMessage.assistant("b"));
    assertThat(shown(Preferences.of(TOKENIZER, List.of(pair))))
        .contains("assistant:early</s>/user:r</s>/assistant:[a</s>]/|")
        .contains("assistant:early</s>/user:r</s>/assistant:[b</s>]/");
  }

  @Test
  void bad_pairs_are_refused() throws IOException {
    Path file = file("{\"chosen\":\"a\",\"rejected\":\"b\"}");
    assertThatIOException()
        .isThrownBy(() -> Preferences.read(TOKENIZER, file))
        .withMessageContaining("line 1: \"prompt\" is null; expected a text");
    Path half = file("{\"prompt\":\"q\",\"chosen\":\"a\"}");
    assertThatIOException()
        .isThrownBy(() -> Preferences.read(TOKENIZER, half))
        .withMessageContaining(
            "line 1: \"rejected\" is null; expected a text, as \"chosen\" is one");
    Path none = file("{\"messages\":[]}");
    assertThatIOException()
        .isThrownBy(() -> Preferences.read(TOKENIZER, none))
        .withMessageContaining("line 1: there is no \"chosen\"; the fields are messages");
    Path mixed = file("{\"prompt\":\"q\",\"chosen\":[],\"rejected\":\"b\"}");
    assertThatIOException()
        .isThrownBy(() -> Preferences.read(TOKENIZER, mixed))
        .withMessageContaining("line 1: \"chosen\" is ")
        .withMessageContaining("; expected a text, as \"rejected\" is one");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new Preferences.Pair(
                    ChatPrompt.of(List.of()), ChatMessage.user("a"), ChatMessage.assistant("b")))
        .withMessageContaining("chosen is of the role user");
  }

  @Test
  void a_split_leaves_examples_whole() {
    List<ChatPrompt> conversations = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      conversations.add(
          ChatPrompt.of(List.of(ChatMessage.user("q" + i), ChatMessage.assistant("a"))));
    }
    TokenSequence all = Conversations.of(TOKENIZER, conversations);
    TrainingData data = TrainingData.ofTokens(TOKENIZER, all, 0.55);
    assertThat(shown(data.training())).hasLineCount(6).endsWith("[a</s>]/");
    assertThat(shown(data.validation())).hasLineCount(4).startsWith("user:q6");
    assertThat(data.training().size() + data.validation().size()).isEqualTo(all.size());

    assertThat(TrainingData.ofTokens(TOKENIZER, all, 0.99).validation().size()).isZero();
    TrainingData most = TrainingData.ofTokens(TOKENIZER, all, 0.93);
    assertThat(shown(most.training())).hasLineCount(9);
    assertThat(shown(most.validation())).startsWith("user:q9");
    assertThat(TrainingData.ofTokens(TOKENIZER, all, 1).validation().size()).isZero();
    TokenSequence one = Conversations.of(TOKENIZER, conversations.subList(0, 1));
    assertThat(TrainingData.ofTokens(TOKENIZER, one, 0.5).training().size()).isEqualTo(one.size());
  }

  @Test
  void a_template_that_drops_earlier_thoughts_gives_an_example_for_each_answer() {
    ChatTemplate forgetful =
        (messages, prompt) -> {
          StringBuilder text = new StringBuilder();
          for (int i = 0; i < messages.size(); i++) {
            boolean last = i == messages.size() - 1 && messages.get(i).role().equals("assistant");
            text.append(messages.get(i).role()).append(":").append(last ? "(hm)" : "");
            text.append(messages.get(i).content()).append("</s>");
          }
          return text + (prompt ? "assistant:" : "");
        };
    Tokenizer tokenizer = new Talking(ByteTokenizer.withBeginAndEnd(), Optional.of(forgetful));
    ChatPrompt conversation =
        ChatPrompt.of(
            List.of(
                ChatMessage.user("q"),
                ChatMessage.assistant("a"),
                ChatMessage.user("r"),
                ChatMessage.assistant("b")));
    assertThat(shown(Conversations.of(tokenizer, List.of(conversation))))
        .isEqualTo(
            "user:q</s>assistant:[(hm)a</s>]\n"
                + "user:q</s>assistant:a</s>user:r</s>assistant:[(hm)b</s>]");
  }

  /** Joins a colon and the letter a, wherever it can. */
  private record Joining(Tokenizer inner) implements Tokenizer {
    private static final int JOINED = 1000;

    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      List<Integer> tokens = new ArrayList<>();
      for (int token : inner.encode(text, allowed)) {
        int last = tokens.size() - 1;
        if (token == 'a' && last >= 0 && tokens.get(last) == ':') {
          tokens.set(last, JOINED);
        } else {
          tokens.add(token);
        }
      }
      return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    @Override
    public int[] encode(List<ChatSegment> segments) {
      String text = segments.stream().map(ChatSegment::text).collect(Collectors.joining());
      return encode(text, SpecialTokens.all());
    }

    @Override
    public byte[] bytes(int token) {
      return token == JOINED ? new byte[] {':', 'a'} : inner.bytes(token);
    }

    @Override
    public Vocabulary vocabulary() {
      return inner.vocabulary();
    }

    @Override
    public Optional<ChatTemplate> chatTemplate() {
      return inner.chatTemplate();
    }

    @Override
    public void save(Path modelDirectory) throws IOException {
      inner.save(modelDirectory);
    }
  }

  /** Each answer is looked for in its own rendering, all of which count. */
  @Test
  void a_conversation_whose_renderings_are_very_long_is_refused() {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(ChatMessage.user("q".repeat(1 << 20)));
    for (int i = 0; i < 40; i++) {
      messages.add(ChatMessage.assistant("a"));
      messages.add(ChatMessage.user("q"));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Conversations.of(TOKENIZER, List.of(ChatPrompt.of(messages))))
        .withMessageContaining("the conversation is too long to find the assistant's turns in it");
  }

  @Test
  void no_token_lies_across_the_beginning_of_an_answer() {
    Tokenizer joining = new Joining(TOKENIZER);
    for (String answer : List.of("b:a", "ab")) {
      ChatPrompt conversation =
          ChatPrompt.of(List.of(ChatMessage.user("q"), ChatMessage.assistant(answer)));
      TokenSequence tokens = Conversations.of(joining, List.of(conversation));
      int[] ids = new int[(int) tokens.size()];
      tokens.read(0, ids, 0, ids.length);
      int colon = "user:q".length() + 2 + "assistant".length();
      assertThat(ids[colon]).isEqualTo(':');
      assertThat(ids[colon + 1]).isEqualTo(answer.charAt(0));
      assertThat(ids[colon + 2]).isEqualTo(answer.equals("ab") ? 'b' : 1000);
      byte[] marks = new byte[ids.length];
      tokens.marks().orElseThrow().read(0, marks, 0, ids.length);
      assertThat(marks[colon]).isZero();
      assertThat(marks[colon + 1]).isEqualTo((byte) TokenMarks.LEARNED);
    }
  }
}
