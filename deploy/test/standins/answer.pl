# Answers every request on port 3000 with 200.
use strict;
use warnings;
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalPort => 3000, Listen => 16, ReuseAddr => 1) or die "port 3000: $!";
$SIG{TERM} = sub { exit 0 };
while (my $caller = $server->accept) {
  while (my $line = <$caller>) { last if $line =~ /^\r?\n$/ }
  print $caller "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok";
  close $caller;
}
