package io.fundamentallm;

import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.SamplingDecoder;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.DecoderProvider;

/**
 * Finds decoders by name. Always available: {@code sampling}, one token after another as the
 * sampler chooses them; {@code sampling(n=4)} for several continuations, {@code
 * sampling(best-of=8,n=2)} for the best of them by mean log-probability (see {@link
 * Generation#sequences()}). {@link Spec} describes the grammar of specs. Thread-safe.
 *
 * @apiNote For example:
 *     <pre>{@code
 * Decoder beams = Decoders.parse("beam(width=4,length-penalty=0.6)");
 * DecodingOptions options = DecodingOptions.builder().tokenizer(tokenizer).maxNewTokens(20).build();
 * try (Generation likely = beams.decode(model, tokenizer.encode("It is a truth"), options)) {
 *   System.out.println(likely.text());
 * }
 * }</pre>
 */
public final class Decoders {
  private Decoders() {}

  /** One token after another, as the sampler chooses them. */
  public static Decoder sampling() {
    return new SamplingDecoder(1, 1, false);
  }

  /**
   * Parses a spec such as {@code beam(width=4)}, with the parts found on the class or module path.
   *
   * @throws IllegalArgumentException for a malformed spec, an unknown or repeated option, or a
   *     value out of range
   * @throws ProviderException when a name is not found; lists those that were
   */
  public static Decoder parse(String spec) {
    return parse(spec, Registry.standard());
  }

  /**
   * Parses a spec such as {@code beam(width=4,length-penalty=0.6)}.
   *
   * @throws IllegalArgumentException for a malformed spec, an unknown or repeated option, or a
   *     value out of range
   * @throws ProviderException when the name is not found or ambiguous
   */
  public static Decoder parse(String spec, Registry registry) {
    Samplers.requireSome(spec, "the decoder is empty; write one, such as beam(width=4)");
    return registry.create(DecoderProvider.class, Spec.single(spec), DecoderProvider::create);
  }

  /**
   * The decoder named by the system property {@code fundamentallm.decoder}, else by the environment
   * variable {@code FUNDAMENTALLM_DECODER}, else {@link #sampling()}. Fails as {@link
   * #parse(String)} does where one of them is set, and where a misspelt property is.
   */
  public static Decoder configured() {
    return configured(Registry.standard());
  }

  /** As {@link #configured()}, with the parts of this registry. */
  public static Decoder configured(Registry registry) {
    return Configuration.get("decoder")
        .map(set -> set.use(() -> parse(set.spec(), registry)))
        .orElseGet(Decoders::sampling);
  }
}
