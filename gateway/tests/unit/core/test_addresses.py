from moongate.core.addresses import origin_of


def test_an_address_of_ipv6_stands_for_its_network() -> None:
    assert origin_of("192.0.2.7") == "192.0.2.7"
    assert origin_of("2001:db8:1:2:3:4:5:6") == origin_of("2001:db8:1:2::ffff") == "2001:db8:1:2::"
    assert origin_of("2001:db8:1:3::1") != origin_of("2001:db8:1:2::1")
    assert origin_of("fe80::1%eth0") == "fe80::"
    assert origin_of("") == ""
