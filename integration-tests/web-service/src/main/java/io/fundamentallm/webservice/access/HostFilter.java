package io.fundamentallm.webservice.access;

import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.settings.ServiceSettings;
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
 * Answers only clients that call the service by one of its own names, if it serves only this
 * machine and requires no key, or if its names are set. Otherwise a page of any site could, in a
 * browser on this machine, let its own name lead here (DNS rebinding) and read the service's
 * answers as if they were its own. Applies to every address, including the page and the metrics.
 *
 * <p>A page that keeps its name cannot read the answers, as no header allows that unless {@link
 * AllowedOrigins} sets it. It cannot ask for much either: requests to generate are refused unless
 * they are {@code application/json}, which browsers send to another site only after asking for
 * permission. So {@code Origin} is not checked here.
 */
@Component
@Order(-2) // before the key is checked
final class HostFilter implements WebFilter {
  private static final Set<String> OWN = Set.of("localhost", "127.0.0.1", "[::1]");

  /** Names in lower case, without a port; null if any name is accepted. */
  private final @Nullable Set<String> names;

  HostFilter(ServiceSettings settings, ServerProperties server, ApiKey key) {
    InetAddress address = server.getAddress();
    boolean local = address != null && address.isLoopbackAddress() && !key.isRequired();
    names =
        local || !settings.hosts().isEmpty()
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
