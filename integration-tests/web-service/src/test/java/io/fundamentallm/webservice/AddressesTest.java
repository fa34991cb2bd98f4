package io.fundamentallm.webservice;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that miss the service's addresses by a little. */
class AddressesTest {
  @ParameterizedTest
  @CsvSource({
    "/models, /v1/models",
    "/chat/completions, /v1/chat/completions",
    "/completions, /v1/completions",
    "/v1/v1/chat/completions, /v1/chat/completions",
    "/api/v1/embeddings, /v1/embeddings",
    "/v1/tokenize, /tokenize",
    "/v1/chat/completion, /v1/chat/completions",
    "/v1/response, /v1/responses",
    "/v1/v1/messages, /v1/messages",
    "/v1/chats/completions, /v1/chat/completions"
  })
  void the_nearest_address_is_told(String asked, String nearest) throws Exception {
    HttpResponse<String> response = Server.shared().post(asked, "{}");

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains("; did you mean " + nearest + "?");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/nothing",
        "/favicon.ico",
        "/v1",
        "/admin/login.php",
        "/v1/moderations",
        "/v1/images",
        "/v1/threads/t1/messages"
      })
  void what_resembles_none_is_told_alone(String asked) throws Exception {
    HttpResponse<String> response = Server.shared().get(asked);

    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.body()).contains(asked).doesNotContain("did you mean");
  }

  @Test
  void a_client_whose_base_is_too_short_reads_it() throws Exception {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(Server.shared().uri("").toString())
            .apiKey(Server.KEY)
            .maxRetries(0)
            .build();
    try {
      assertThatThrownBy(() -> client.models().list())
          .isInstanceOf(NotFoundException.class)
          .hasMessageContaining("did you mean /v1/models?");
    } finally {
      client.close();
    }
  }

  @Test
  void another_method_is_told_the_right_one() throws Exception {
    HttpResponse<String> response = Server.shared().get("/v1/chat/completions");

    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.body()).contains("use POST");
  }
}
