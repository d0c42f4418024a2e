package com.ytempire.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.ytempire.sidecar.config.RedisSettings;
import io.lettuce.core.RedisConnectionException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that the sidecar reaches by TLS. */
final class RedisTlsTest {
  private static final String PASSWORD = "the-key-of-the-tests";

  /** A server with a certificate that nobody trusts. */
  private static SSLServerSocket server(Path folder) throws Exception {
    Path file = folder.resolve("key.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "redis",
                "-keyalg",
                "EC",
                "-dname",
                "CN=localhost",
                "-ext",
                "SAN=dns:localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .start();
    String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, keytool.waitFor(), said);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(file)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return (SSLServerSocket)
        context
            .getServerSocketFactory()
            .createServerSocket(0, 1, InetAddress.getByName("localhost"));
  }

  /** What a client said before it gave up; it is told nothing. */
  private static String heard(SSLServerSocket server) {
    try (SSLSocket client = (SSLSocket) server.accept()) {
      client.setSoTimeout(30_000);
      return new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (SSLException e) {
      return ""; // it refused the certificate
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void an_untrusted_certificate_is_refused_before_the_password(@TempDir Path folder)
      throws Exception {
    try (SSLServerSocket server = server(folder)) {
      CompletableFuture<String> heard = CompletableFuture.supplyAsync(() -> heard(server));
      String url = "rediss://localhost:" + server.getLocalPort();
      try (RedisConnection redis = new RedisConnection(new RedisSettings(url, "a password"))) {
        RedisConnectionException refusal =
            assertThrows(RedisConnectionException.class, () -> redis.client().connect().close());
        assertTrue(
            Stream.<Throwable>iterate(refusal, e -> e != null, Throwable::getCause)
                .anyMatch(CertificateException.class::isInstance),
            () -> String.valueOf(refusal.getCause()));
      }
      assertEquals("", heard.get(60, TimeUnit.SECONDS));
    }
  }
}
