package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A tokenizer that strips a text of a space at its beginning, behind prompts of all kinds. */
class ContinuedTextTest {
  private record Stripping(ByteTokenizer inner) implements Tokenizer {
    @Override
    public int[] encode(CharSequence text, SpecialTokens allowed) {
      return inner.encode(text, allowed);
    }

    @Override
    public byte[] bytes(int token) {
      return inner.bytes(token);
    }

    @Override
    public byte[] bytes(int token, int previous) {
      return previous < 0 && token == ' ' ? new byte[0] : bytes(token);
    }

    @Override
    public Vocabulary vocabulary() {
      return inner.vocabulary();
    }

    @Override
    public Optional<ChatTemplate> chatTemplate() {
      return Optional.of((messages, prompt) -> messages.get(0).content() + ":");
    }

    @Override
    public void save(Path modelDirectory) {
      throw new UnsupportedOperationException("is not saved");
    }
  }

  private static final Tokenizer TOKENIZER = new Stripping(ByteTokenizer.withBeginAndEnd());

  /** Writes " a" behind a prompt of so many tokens. */
  private static TextGenerator generator(int prompt) {
    ToyModel model =
        new ToyModel(ToyModel.info(258, 64).build(), ToyModel.scripted(prompt, ' ', 'a'));
    return TextGenerator.of(TOKENIZER, model, Registry.of())
        .withSampler("greedy")
        .withMaxNewTokens(2);
  }

  @Test
  void prompt_and_text_together_read_as_their_tokens_do() {
    assertThat(generator(3).generate("It")).isEqualTo(" a");
    assertThat(TOKENIZER.decode('I', 't', ' ', 'a')).isEqualTo("It" + " a");
  }

  @Test
  void behind_a_special_token_a_text_begins() {
    assertThat(generator(1).generate("")).isEqualTo("a");
  }

  @Test
  void an_answer_begins_a_text() {
    assertThat(generator(3).chat(List.of(ChatMessage.user("hi"))).text()).isEqualTo("a");
  }

  @Test
  void it_begins_one_where_the_options_say_so() {
    assertThat(generator(3).with(o -> o.continuesPrompt(false)).generate("It")).isEqualTo("a");
  }

  @Test
  void half_a_character_that_ends_the_prompt_is_no_part_of_the_text() {
    ToyModel model = new ToyModel(ToyModel.info(258, 64).build(), ToyModel.scripted(1, 'a'));
    DecodingOptions options =
        DecodingOptions.builder()
            .tokenizer(TOKENIZER)
            .sampler(Samplers.greedy())
            .maxNewTokens(1)
            .build();
    assertThat(Decoders.sampling().decode(model, new int[] {0xC3}, options).text()).isEqualTo("a");
  }
}
