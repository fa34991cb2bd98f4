package io.fundamentallm.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.Registry;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.LearningListener;
import io.fundamentallm.text.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class LearningTest {
  private static final List<String> TEXTS = List.of("<a>", "<b>");

  private final List<String> received = new ArrayList<>();

  @Test
  void listeners_hear_of_progress_in_order() {
    LearningListener first = listener("first");
    LearningListener deaf = new LearningListener() {};
    Tokenizer learned =
        Tokenizers.learn(
            "telling", TEXTS, registry(), Cancellation.none(), first, deaf, listener("second"));
    assertThat(learned.vocabulary().size()).isEqualTo(258);
    assertThat(received)
        .containsExactly(
            "first reading 1/-1",
            "second reading 1/-1",
            "first reading 2/-1",
            "second reading 2/-1");
  }

  @Test
  void a_kind_that_knows_of_no_cancellation_hears_of_it_before_it_begins() {
    assertThat(
            Tokenizers.learn("simple", TEXTS, registry(), Cancellation.none()).vocabulary().size())
        .isEqualTo(258);
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> Tokenizers.learn("simple", TEXTS, registry(), () -> true));
  }

  @Test
  void learning_stops_where_it_is_cancelled() {
    Cancellation afterOne = () -> !received.isEmpty();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () ->
                Tokenizers.learn("telling", TEXTS, registry(), afterOne, listener("the listener")));
    assertThat(received).containsExactly("the listener reading 1/-1");
  }

  @Test
  void without_a_word_learning_is_quiet() {
    assertThat(Tokenizers.learn("telling", TEXTS, registry()).vocabulary().size()).isEqualTo(258);
    assertThat(Learning.quiet().listeners()).isEmpty();
    assertThat(received).isEmpty();
  }

  private static Registry registry() {
    return Registry.of().with(new Simple(), new Telling());
  }

  private LearningListener listener(String name) {
    return new LearningListener() {
      @Override
      public void onProgress(String phase, long done, long total) {
        received.add(name + " " + phase + " " + done + "/" + total);
      }
    };
  }

  private static Tokenizer of(Iterable<? extends CharSequence> texts) {
    List<String> specials = new ArrayList<>();
    texts.forEach(text -> specials.add(text.toString()));
    return new ByteTokenizer(specials);
  }

  /** Every text is a special token. */
  private static class Simple implements TokenizerProvider {
    @Override
    public String name() {
      return "simple";
    }

    @Override
    public Support supports(Path path) {
      return Support.no("it learns only");
    }

    @Override
    public Tokenizer load(Path path, Options options) {
      throw new UnsupportedOperationException("it learns only");
    }

    @Override
    public Tokenizer learn(Iterable<? extends CharSequence> texts, Options options) {
      return of(texts);
    }
  }

  private static final class Telling extends Simple {
    @Override
    public String name() {
      return "telling";
    }

    @Override
    public Tokenizer learn(
        Iterable<? extends CharSequence> texts, Options options, Learning learning) {
      int done = 0;
      for (CharSequence text : texts) {
        learning.throwIfCancelled();
        assertThat(text).isNotEmpty();
        learning.onProgress("reading", ++done, -1);
      }
      return learn(texts, options);
    }
  }
}
