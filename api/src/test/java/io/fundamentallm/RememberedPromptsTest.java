package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What a generator remembers without being asked to. */
class RememberedPromptsTest {
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  private static ToyModel model(Capability... capabilities) {
    return new ToyModel(
        ToyModel.info(BYTES.vocabulary().size(), 500).capabilities(capabilities).build(),
        ToyModel.hashing());
  }

  private static TextGenerator generator(LanguageModel model) {
    return TextGenerator.of(new Chatting(), model).withMaxNewTokens(20).withSeed(5);
  }

  private static int cached(TextGenerator generator, String prompt) {
    Generation generation = generator.tokens(prompt);
    generation.text();
    return generation.summary().cachedTokens();
  }

  @Test
  void a_prompt_is_read_once_and_the_text_is_the_same() {
    ToyModel model = model(Capability.values());
    TextGenerator generator = generator(model);
    TextGenerator forgetful = generator.with(o -> o.withoutPrefixCache());
    for (String prompt : List.of("It is a truth", "It is a truth", "It is a wife", "And")) {
      assertThat(generator.generate(prompt)).isEqualTo(forgetful.generate(prompt));
    }
    assertThat(cached(generator, "It is a truth")).isEqualTo("It is a truth".length());
    assertThat(cached(forgetful, "It is a truth")).isZero();
    assertThat(cached(generator.withSeed(9), "It is a t")).isEqualTo("It is a t".length());
    generator.close();
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void models_whose_memory_it_cannot_give_back_are_not_remembered_unless_asked_for() {
    ToyModel model = model(Capability.SHARED_FORK, Capability.TRUNCATE);
    TextGenerator generator = generator(model);
    assertThat(generator.options().prefixCache()).isEmpty();
    assertThatIllegalStateException()
        .isThrownBy(() -> generator.pin(ChatPrompt.of(List.of(ChatMessage.user("Who?")))))
        .withMessageContaining("no prefix cache");
    try (PrefixCache own = PrefixCache.of(1000)) {
      TextGenerator remembering = generator.with(o -> o.prefixCache(own));
      remembering.generate("It is a truth");
      assertThat(cached(remembering, "It is a wife")).isEqualTo(1 + "It is a ".length());
    }
    generator.close();
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void the_next_turn_is_read_from_where_the_last_ended() {
    ToyModel model = model(Capability.values());
    try (TextGenerator generator = generator(model)) {
      List<ChatMessage> turns = List.of(ChatMessage.system("Be kind."), ChatMessage.user("Who?"));
      Generation first = generator.chat(turns);
      first.text();
      assertThat(first.summary().cachedTokens()).isZero();
      List<ChatMessage> longer =
          List.of(turns.get(0), turns.get(1), ChatMessage.assistant("I."), ChatMessage.user("So?"));
      Generation second = generator.chat(longer);
      second.text();
      // up to where the assistant begins to write
      assertThat(second.summary().cachedTokens())
          .isGreaterThanOrEqualTo(first.summary().promptTokens() - 1);
    }
  }

  @Test
  void a_pinned_beginning_is_read_once_for_all_conversations() {
    ToyModel model = model(Capability.values());
    TextGenerator generator = generator(model);
    try (PrefixCache small = PrefixCache.of(200)) {
      TextGenerator pinning = generator.with(o -> o.prefixCache(small));
      ChatMessage system = ChatMessage.system("You are a kind and patient clerk.");
      pinning.pin(ChatPrompt.of(List.of(system)));
      for (int i = 0; i < 20; i++) {
        pinning.generate("Something else, which is long and takes its room, " + i);
      }
      Generation answer = pinning.chat(List.of(system, ChatMessage.user("Who?")));
      answer.text();
      assertThat(answer.summary().cachedTokens())
          .isGreaterThanOrEqualTo("system: You are a kind and patient clerk.\nuser: ".length());
      assertThat(small.statistics().heldBytes()).isLessThanOrEqualTo(200);
    }
    generator.close();
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void the_same_cache_given_twice_stays_open() {
    ToyModel model = model(Capability.values());
    PrefixCache cache = PrefixCache.of(1000);
    TextGenerator generator = generator(model).withPrefixCache(cache);
    TextGenerator again = generator.withPrefixCache(cache);
    again.generate("It is a truth");
    assertThat(cache.size()).isPositive();
    assertThat(cached(again.withSeed(9), "It is a truth")).isEqualTo("It is a truth".length());
    again.withPrefixCache(PrefixCache.of(1000));
    assertThat(cache.size()).as("closed, being replaced").isZero();
    generator.close();
    assertThat(model.openSessions()).isZero();
  }

  /** Bytes, with a template that names the roles. */
  private static final class Chatting implements Tokenizer {
    @Override
    public int[] encode(CharSequence text) {
      return BYTES.encode(text);
    }

    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return BYTES.encode(text, allowed);
    }

    @Override
    public byte[] bytes(int token) {
      return BYTES.bytes(token);
    }

    @Override
    public Vocabulary vocabulary() {
      return BYTES.vocabulary();
    }

    @Override
    public Optional<ChatTemplate> chatTemplate() {
      return Optional.of(
          (messages, addGenerationPrompt) ->
              messages.stream()
                      .map(message -> message.role() + ": " + message.content() + "\n")
                      .collect(Collectors.joining())
                  + (addGenerationPrompt ? "assistant: " : ""));
    }

    @Override
    public void save(Path modelDirectory) {
      throw new UnsupportedOperationException("not for these tests");
    }
  }
}
