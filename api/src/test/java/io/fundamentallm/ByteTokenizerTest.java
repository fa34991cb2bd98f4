package io.fundamentallm;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/** The toy tokenizer of the contracts passes the contract, on api's own detokenizer. */
class ByteTokenizerTest extends TokenizerContract {
  @Override
  protected Tokenizer tokenizer() {
    return ByteTokenizer.withBeginAndEnd();
  }

  @Override
  protected Tokenizer reload(Path modelDirectory) throws IOException {
    return ByteTokenizer.load(modelDirectory);
  }
}
