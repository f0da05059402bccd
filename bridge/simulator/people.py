"""Delegates who ask for the floor: invented people with plausible offices and topics.

Pure data and one choice. Names are put together at random; offices and topics are what
provinces bring to a forum on Industry 4.0.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Speech", "invent_speech"]


@dataclass(frozen=True)
class Speech:
    """What a request for the floor says: who will speak, in which office, about what."""

    name: str
    title: str
    topic: str


_SURNAMES = (
    "Nguyễn",
    "Trần",
    "Lê",
    "Phạm",
    "Hoàng",
    "Phan",
    "Vũ",
    "Đặng",
    "Bùi",
    "Đỗ",
    "Hồ",
    "Ngô",
    "Dương",
    "Lý",
    "Đinh",
    "Mai",
    "Trịnh",
    "Đào",
)
_HIGHLAND_SURNAMES = (
    "Lò",
    "Quàng",
    "Giàng",
    "Vàng",
    "Hoàng",
    "Nông",
    "Lý",
    "Bế",
    "Cà",
    "Triệu",
    "Lường",
    "Đèo",
)
_HIGHLANDS = frozenset(
    ("dien-bien", "lai-chau", "son-la", "lao-cai", "ha-giang", "cao-bang", "bac-kan", "lang-son")
)
_MEN = (
    "Văn Hùng",
    "Đức Thắng",
    "Quang Minh",
    "Hữu Phước",
    "Thanh Sơn",
    "Xuân Trường",
    "Ngọc Tuấn",
    "Văn Dũng",
    "Minh Khôi",
    "Anh Tuấn",
    "Trọng Nghĩa",
    "Quốc Bảo",
    "Đình Chiến",
    "Công Thành",
)
_WOMEN = (
    "Thị Hương",
    "Thu Hà",
    "Thị Minh Nguyệt",
    "Ngọc Lan",
    "Thị Thanh Thủy",
    "Bích Ngọc",
    "Thị Kim Oanh",
    "Phương Thảo",
    "Thị Hồng Vân",
    "Thanh Tâm",
    "Mai Phương",
    "Thị Tuyết",
)

_CITIES = frozenset(("ha-noi", "hai-phong", "da-nang", "ho-chi-minh", "can-tho"))

# {place}: "tỉnh Điện Biên" or "thành phố Đà Nẵng"; {committee}: "Tỉnh ủy" or "Thành ủy"
_OFFICES = (
    (
        "Phó Chủ tịch Ủy ban nhân dân {place}",
        (
            "Cơ chế đặc thù để địa phương thu hút đầu tư công nghệ cao",
            "Kinh nghiệm xây dựng chính quyền số từ cấp xã",
            "Phục hồi sản xuất sau dịch và chuyển đổi số doanh nghiệp của {place}",
        ),
    ),
    (
        "Phó Bí thư Thường trực {committee} {name}",
        (
            "Vai trò của cấp ủy trong chỉ đạo chuyển đổi số ở {place}",
            "Thực hiện Nghị quyết 52-NQ/TW của Bộ Chính trị tại {place}",
        ),
    ),
    (
        "Giám đốc Sở Thông tin và Truyền thông {place}",
        (
            "Phủ sóng Internet băng rộng tới các thôn, bản còn lõm sóng",
            "Tổ công nghệ số cộng đồng: cách làm và kiến nghị",
            "Kết nối, chia sẻ dữ liệu giữa địa phương và bộ, ngành",
        ),
    ),
    (
        "Giám đốc Sở Khoa học và Công nghệ {place}",
        (
            "Hỗ trợ doanh nghiệp nhỏ và vừa đổi mới công nghệ",
            "Liên kết vùng trong xây dựng hệ sinh thái khởi nghiệp sáng tạo",
        ),
    ),
    (
        "Giám đốc Sở Công Thương {place}",
        (
            "Đưa sản phẩm OCOP lên sàn thương mại điện tử",
            "Phát triển công nghiệp hỗ trợ và nhà máy thông minh",
            "Năng lượng tái tạo và lưới điện thông minh tại {place}",
        ),
    ),
    (
        "Giám đốc Sở Nông nghiệp và Phát triển nông thôn {place}",
        (
            "Truy xuất nguồn gốc nông sản bằng công nghệ số",
            "Nông nghiệp thông minh thích ứng với biến đổi khí hậu",
        ),
    ),
    (
        "Giám đốc Sở Giáo dục và Đào tạo {place}",
        (
            "Đào tạo kỹ năng số cho học sinh vùng khó khăn",
            "Dạy học trực tuyến: bài học sau hai năm",
        ),
    ),
    (
        "Giám đốc Sở Y tế {place}",
        ("Khám, chữa bệnh từ xa cho tuyến huyện", "Hồ sơ sức khỏe điện tử: vướng mắc và kiến nghị"),
    ),
    (
        "Trưởng Ban Quản lý các khu công nghiệp {place}",
        ("Chuyển đổi khu công nghiệp truyền thống thành khu công nghiệp sinh thái",),
    ),
    (
        "Hiệu trưởng Trường Cao đẳng Kỹ thuật {name}",
        ("Đào tạo lại lao động cho công nghiệp 4.0", "Hợp tác nhà trường và doanh nghiệp"),
    ),
    (
        "Chủ tịch Hiệp hội Doanh nghiệp {place}",
        (
            "Kiến nghị của doanh nghiệp về vốn cho chuyển đổi số",
            "Gỡ khó thủ tục hành chính cho doanh nghiệp sau dịch",
        ),
    ),
)


def _place(code: str, name: str) -> str:
    if name.startswith(("TP", "Thành phố")):
        return name
    return f"thành phố {name}" if code in _CITIES else f"tỉnh {name}"


def invent_speech(code: str, name: str, rng: random.Random) -> Speech:
    """Return a delegate of a site and what they want to speak about.

    Args:
        code: site code.
        name: the site's Vietnamese name, without "tỉnh".
        rng: source of chance.
    """
    office, topics = rng.choice(_OFFICES)
    surnames = _HIGHLAND_SURNAMES if code in _HIGHLANDS else _SURNAMES
    words = {
        "place": _place(code, name),
        "name": name,
        "committee": "Thành ủy" if code in _CITIES else "Tỉnh ủy",
    }
    return Speech(
        name=f"{rng.choice(surnames)} {rng.choice(_MEN + _WOMEN)}",
        title=office.format_map(words),
        topic=rng.choice(topics).format_map(words),
    )
