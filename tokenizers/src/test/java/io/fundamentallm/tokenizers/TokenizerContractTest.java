package io.fundamentallm.tokenizers;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Nested;

class TokenizerContractTest {
  @Nested
  class Bytes extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() {
      return Tokenizers.learn("byte");
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory);
    }
  }

  @Nested
  class BytesWithoutSpecialTokens extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() {
      return Tokenizers.learn("byte(special=false)");
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory);
    }
  }

  /** Its texts hold every character that the contract uses, so nothing is unknown. */
  @Nested
  class Characters extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() {
      return Tokenizers.learn("character", learned(texts()));
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory);
    }
  }

  @Nested
  class CharactersWithAnUnknownToken extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() {
      return Tokenizers.learn("character(unknown=unk)", learned(texts()));
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory);
    }
  }

  @Nested
  class CharactersThatSkip extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() {
      return Tokenizers.learn("character(unknown=skip,special=false)", learned(texts()));
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return Tokenizers.load(modelDirectory);
    }
  }

  private static String learned(List<String> texts) {
    return "abcdefghijklmnopqrstuvwxyz<|>" + String.join("", texts);
  }
}
