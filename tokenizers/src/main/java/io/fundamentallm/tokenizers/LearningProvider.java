package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A kind of tokenizer that is learned here, saved as tokenizer.json, and read back like any other
 * such file. Subclasses override one of the two ways to learn.
 */
abstract class LearningProvider implements TokenizerProvider {
  @Override
  public final Support supports(Path path) {
    return Support.no("it learns; what it has saved is read by \"huggingface\"");
  }

  @Override
  public final Tokenizer load(Path path, Options options) throws IOException {
    return new HuggingFaceProvider().load(path, options);
  }

  @Override
  public Tokenizer learn(Iterable<? extends CharSequence> texts, Options options) {
    return learn(texts, options, Learning.quiet());
  }
}
