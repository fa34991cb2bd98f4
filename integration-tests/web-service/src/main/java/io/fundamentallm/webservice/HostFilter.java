package io.fundamentallm.webservice;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Answers only who calls the service by a name of its own, where it is for this machine alone and
 * asks for no key, or where its names are set. Else a page of any site could, in the browser of
 * somebody on this machine, let its own name lead here (DNS rebinding) and read what the service
 * answers, as one of its own. Holds for every address: the page and the figures too.
 *
 * <p>A page that keeps its name cannot read what is answered, as no header allows that unless
 * {@link AllowedOrigins} has it, and cannot ask for much: requests to generate are refused unless
 * they are {@code application/json}, which browsers send to another site only after they have asked
 * for leave. So {@code Origin} is not looked at here.
 */
@Component
@Order(-2) // before the key is asked for
final class HostFilter implements WebFilter {
  private static final Set<String> OWN = Set.of("localhost", "127.0.0.1", "[::1]");

  /** Names in lower case, without a port; null where any will do. */
  private final @Nullable Set<String> names;

  HostFilter(ServiceSettings settings, ServerProperties server, ApiKey key) {
    InetAddress address = server.getAddress();
    boolean mine = address != null && address.isLoopbackAddress() && !key.isAsked();
    names =
        mine || !settings.hosts().isEmpty()
            ? Stream.concat(OWN.stream(), settings.hosts().stream())
                .map(name -> name.strip().toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet())
            : null;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
    String host = exchange.getRequest().getHeaders().getFirst(HttpHeaders.HOST);
    return names == null || (host != null && names.contains(name(host)))
        ? chain.filter(exchange)
        : Mono.error(
            new ApiException(
                HttpStatus.FORBIDDEN,
                "invalid_request_error",
                null,
                "host_not_allowed",
                "the header Host must name this machine, as localhost or 127.0.0.1, or be one of"
                    + " the names in the setting fundamentallm.hosts"));
  }

  private static String name(String host) {
    return host.replaceFirst(":[0-9]*$", "").toLowerCase(Locale.ROOT);
  }
}
