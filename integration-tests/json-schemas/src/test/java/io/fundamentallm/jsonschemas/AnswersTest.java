package io.fundamentallm.jsonschemas;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.PageCode;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What models write under these schemas is read as what they are of. */
class AnswersTest {
  private static final Path README = Path.of("README.md");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  enum Leaf {
    A,
    B
  }

  record Box(Leaf leaf, byte size, Lid lid) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.DEDUCTION)
  @JsonSubTypes({@JsonSubTypes.Type(Lid.class), @JsonSubTypes.Type(Hinge.class)})
  sealed interface Part permits Lid, Hinge {}

  record Lid(boolean closed, short weight) implements Part {}

  record Hinge(Leaf left) implements Part {}

  record Tree(Leaf leaf, List<Tree> children) {}

  @TempDir Path folder;

  @AutoClose private final TextGenerator generator = TinyChat.load(TinyChat.greedy());

  @Test
  void the_readmes_usher_answers_with_a_seat() throws Exception {
    PageCode.compile(folder, "Usher", PageCode.java(README, "class Usher {"));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Method seat =
          loader.loadClass("Usher").getDeclaredMethod("seat", TextGenerator.class, String.class);
      seat.setAccessible(true);

      assertThat(seat.invoke(null, generator, "a seat")).hasToString("Seat[row=FRONT, free=true]");
    }
    assertThat(PageCode.java(README)).hasSize(2);
  }

  @Test
  void an_answer_at_random_is_read_as_the_record() throws Exception {
    for (long seed = 0; seed < 20; seed++) {
      assertThat(MAPPER.readValue(answer(Box.class, seed).content(), Box.class).lid()).isNotNull();
    }
  }

  @Test
  void a_record_that_contains_itself_is_read_unless_a_limit_cut_it_off() throws Exception {
    int whole = 0;
    for (long seed = 0; seed < 40; seed++) {
      String json = answer(Tree.class, seed).content();
      if (json.chars().filter(c -> c == '{').count()
          == json.chars().filter(c -> c == '}').count()) {
        assertThat(MAPPER.readValue(json, Tree.class).leaf()).isNotNull();
        whole++;
      }
    }
    assertThat(whole).isPositive();
  }

  @Test
  void one_of_a_sealed_interfaces_records_is_read_as_itself() throws Exception {
    Set<Class<?>> read = new HashSet<>();
    for (long seed = 0; seed < 40; seed++) {
      read.add(MAPPER.readValue(answer(Part.class, seed).content(), Part.class).getClass());
    }
    assertThat(read).containsExactlyInAnyOrder(Lid.class, Hinge.class);
  }

  @Test
  void the_readmes_porter_bounds_texts_and_tells_a_cut_off_answer() throws Exception {
    PageCode.compile(folder, "Porter", PageCode.java(README, "class Porter {"));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Method note =
          loader.loadClass("Porter").getDeclaredMethod("note", TextGenerator.class, String.class);
      note.setAccessible(true);
      TextGenerator free = generator.withSampler("temperature=3").withSeed(3);

      Optional<?> whole = (Optional<?>) note.invoke(null, free.withMaxNewTokens(400), "a seat");
      assertThat(whole).isPresent();
      assertThat(whole.get().toString()).hasSizeLessThan(40 + "Note[text=]".length() + 1);
      assertThat((Optional<?>) note.invoke(null, free.withMaxNewTokens(4), "a seat")).isEmpty();
    }
  }

  private ChatMessage answer(Class<?> type, long seed) {
    return generator
        .withSampler("temperature=3")
        .withSeed(seed)
        .withMaxNewTokens(100)
        .chat(
            ChatPrompt.builder(List.of(ChatMessage.user("I am Ann")))
                .answerSchema(JsonSchemas.of(type))
                .build())
        .message();
  }
}
