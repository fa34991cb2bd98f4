package io.fundamentallm.webservice.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.PrefixCacheSettings;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class ClientSpecsTest {
  /** A model that can do nothing but what all can. */
  private record Plain(LanguageModel inner) implements LanguageModel {
    @Override
    public ModelInfo info() {
      return inner.info().toBuilder().capabilities().build();
    }

    @Override
    public Session open() {
      return inner.open();
    }

    @Override
    public void forward(List<Append> batch, Cancellation cancellation) {
      inner.forward(batch, cancellation);
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  @ParameterizedTest
  @CsvSource({"speculative, TRUNCATE", "contrastive(k=3), HIDDEN_STATES"})
  void a_decoder_that_the_model_is_no_match_for_is_refused(String decoder, String lacking)
      throws Exception {
    LanguageModel model = LanguageModels.load(TinyChat.longContext(), "cpu(threads=1)");
    try (TextGenerator generator =
        TextGenerator.of(Tokenizers.load(TinyChat.longContext()), new Plain(model))) {
      ClientSpecs specs = new ClientSpecs(generator, settings());

      assertThatThrownBy(() -> specs.decoder(generator, decoder))
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> {
                assertThat(e.status().value()).isEqualTo(400);
                assertThat(e.param()).isEqualTo("decoder");
                assertThat(e.text()).contains(lacking);
              });
      assertThat(specs.decoder(generator, "beam(width=2)")).isNotNull();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sampling(n=9)",
        "sampling(best-of=9)",
        "beam(width=9)",
        "beam(width=9,groups=9)",
        "contrastive(k=9)",
        "speculative(tokens=9)",
        "speculative(max-n=9)"
      })
  void what_a_decoder_keeps_beside_keys_and_values_is_bounded(String decoder) throws Exception {
    try (TextGenerator generator = TextGenerator.load(TinyChat.longContext(), "cpu(threads=1)")) {
      ClientSpecs specs = new ClientSpecs(generator, settings());

      assertThatThrownBy(() -> specs.decoder(generator, decoder))
          .isInstanceOfSatisfying(
              ApiException.class, e -> assertThat(e.text()).contains("up to 8"));
      assertThat(specs.decoder(generator, decoder.replace('9', '8'))).isNotNull();
    }
  }

  private static ServiceSettings settings() {
    Limits limits =
        new Limits(
            DataSize.ofMegabytes(1),
            1,
            1,
            100,
            100,
            8,
            20,
            DataSize.ofKilobytes(64),
            32,
            Duration.ofSeconds(5),
            Duration.ofMinutes(2),
            Duration.ofSeconds(5),
            10,
            Duration.ofSeconds(5));
    PrefixCacheSettings prefixes =
        new PrefixCacheSettings(null, null, DataSize.ofMegabytes(1), null);
    return new ServiceSettings(
        Path.of("model"),
        null,
        null,
        null,
        null,
        null,
        List.of(),
        List.of(),
        false,
        Map.of(),
        null,
        prefixes,
        limits);
  }

  @ParameterizedTest
  @ValueSource(strings = {"temperature=0.7,top-p=0.9", "greedy", "repetition-penalty=1.1,top-k=5"})
  void samplers_that_always_leave_a_token_are_plain(String spec) {
    assertThat(ClientSpecs.isPlain(spec)).isTrue();
  }

  @Test
  void those_that_constrain_are_not() {
    assertThat(ClientSpecs.isPlain("temperature=0.7,regex=\"[a-z]*\"")).isFalse();
    assertThat(ClientSpecs.isPlain("json,greedy")).isFalse();
    assertThat(ClientSpecs.isPlain("suppressed-tokens=5")).isFalse();
  }

  @Test
  void any_json_is_compiled_once() throws Exception {
    try (TextGenerator generator = TextGenerator.load(TinyChat.longContext(), "cpu(threads=1)")) {
      ClientSpecs specs = new ClientSpecs(generator, settings());

      assertThat(specs.format(ResponseFormats.JSON))
          .isNotNull()
          .isSameAs(specs.format(ResponseFormats.JSON));
    }
  }
}
