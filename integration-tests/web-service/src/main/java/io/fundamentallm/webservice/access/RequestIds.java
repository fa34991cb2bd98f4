package io.fundamentallm.webservice.access;

import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Gives every answer, including errors, the header {@code x-request-id}, which identifies the
 * request in the log: the client's own id if it is fit for a log, otherwise a new one.
 */
@Component
@Order(-3) // before anything is refused
public final class RequestIds implements WebFilter {
  static final String HEADER = "x-request-id";

  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    String given = exchange.getRequest().getHeaders().getFirst(HEADER);
    exchange.getResponse().getHeaders().set(HEADER, isValid(given) ? given : next());
    return chain.filter(exchange);
  }

  /** The id of a request that came through here. */
  public static String of(ServerWebExchange exchange) {
    return Objects.requireNonNull(exchange.getResponse().getHeaders().getFirst(HEADER));
  }

  private static boolean isValid(@Nullable String id) {
    return id != null && VALID.matcher(id).matches();
  }

  /** A new one. */
  static String next() {
    return "req_" + UUID.randomUUID().toString().replace("-", "");
  }
}
