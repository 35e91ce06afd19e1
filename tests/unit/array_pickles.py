"""Arrays and tables as NumPy 2.4 and pandas 3.1 pickle them (in base 85), and what is told of them."""

from __future__ import annotations

from base64 import b85decode

_TEXTS: dict[str, tuple[str, str, str]] = {
    "ndarray protocol 2": (
        "numpy.ndarray",
        "shape (2, 3), float64",
        "fC6J~b!~8YE?;ABa%C=Ub!>ELVRCX|c?w^0Wn*t{b98cbV{{5}0Ap@-ZE$%CZe(F{a$$K2aREyJg>eF7Ut@1%Wn*&+Wo~0{WMv9*"
        "16Tn7003ff1Xu<D003-ZbZKreaRr8P22ybchj9o}aS13(0ZRf)1BP)5V{UbAaCr)3ba`-P3ULcq0ssI2W;k&SiHL`B4N`FqC`$ua"
        "0RR91JaG?BPEJby|Ns9=|NsC0O8|6n5MqgF16VKs000000000000000000000000000000000000000000000000000000000000"
        "0040jXa$CG5>jy!ba517E&",
    ),
    "ndarray protocol 5": (
        "numpy.ndarray",
        "shape (5,), int32",
        "fCZI^000000001t6K-{FaCt6YV{dY0E^c*gWpZg_l#B~sW^!+BVs&O_Wpb30lqi-I0000000000000010000200003000040001#"
        "j0J9WZE$&%j0I$Ld2nTvla!1CX*86Hh=-I?lqgFBi~&59PEJlr|NsC0O8@`=|4RULlwwN-g_Mi|LzHxsQj{(",
    ),
    "big-endian": (
        "numpy.ndarray",
        "shape (1, 2), uint16 big-endian",
        "fCZI$000000001t6K-{FaCt6YV{dY0E^c*gWpZg_l#B~sW^!+BVs&O_Wpb30lqi-200000000000001#j0J9WZE$&%j0I$Ld2nTv"
        "la!1CbuyHRh=-I?lqgFBi~&BBPEJlr|NsC0O8@`=|4RULlwwN(O9F<Ji~&QGbd*w*E&",
    ),
    "texts": (
        "numpy.ndarray",
        "shape (2,), str of 2 characters",
        "fCQD3000000001t7H)NIaCt6YV{dY0E^T#ebZKF7a$$Ltj0|6LWn*t{b98cbV|0|0l#B&#b!~8Yl#B;%WMOi0VR@93luH1GltTex"
        "l!ug3lqgF9O9F+IXakG|WOR9OWt5YYi~?0Ml!=Iklv0!^O9PAnJd{pOPD=<&1WO2XlwyfP5MclS0Ac_D0Am0E000000F-o;VlD",
    ),
    "objects": (
        "numpy.ndarray",
        "shape (2,), object",
        "fCZI}000000001t7H)NIaCt6YV{dY0E^T#ebZKF7a$$Ltj0|6LWn*t{b98cbV|0|0l#B&#b!~8Yl#B;%WMOi0VR@93luH1GltTex"
        "l!ug3lqgF9O9F+IXakG|WOR9OWt5YYi~>(Ml!=Iklv0!^O9PAne3VX3PD=m(|Nlz=|Ns9>KXjC0iCvT^PJNVRbd+K)",
    ),
    "times": (
        "numpy.ndarray",
        "shape (1,), datetime64",
        "fCZJI000000001t7H)NIaCt6YV{dY0E^T#ebZKF7a$$Ltj0|6LWn*t{b98cbV|0|0l#B&#b!~8Yl#B;%WMOi0VR@93luH1GltTex"
        "l!ug3lqgF9O96$HXakG|WOR9OWt5YYi~>zKl!=Iklv0!^O9YGoJd{pOPD=m(|Nlz=|Ns9>08S`F0dtf~0ZRc(0d$mxlysD0i9-kg"
        ";R{{>0001#bd+K)",
    ),
    "fields": (
        "numpy.ndarray",
        "shape (2,), fields x, y",
        "fCZK5000000001t6K-{FaCt6YV{dY0E^c*gWpZg_l#B~sW^!+BVs&O_Wpb30lqi-M00000000000000000000000000000000000"
        "0001#j0J9WZE$&%j0I$Ld2nTvla!1DRxvV^iHL`kQj{o51B?NDlunERc$AC*d6b5feUvC@3up$60%kOniHL`kQj{o51B?MYluk}g"
        "O8@`=|4RS=|Nlz>bd+LC0EU!k3}^<70%<suiHL`kQj{o5185RXPEJby|Ns9=|NsC0O8|6~VoL;ulyyrCO94v|bd+LC0)>=}0Yj8@"
        "lv0!~",
    ),
    "bools": (
        "numpy.ndarray",
        "shape (), bool",
        "fCZIu000000001t6K-{FaCt6YV{dY0E^c*gWpZg_l#B~sW^!+BVs&O_Wpb30lqi+~0000000000l#B&#b!~8Yl#B&rba`-Pl#`T<"
        "0%9?giHL`kQj{o51B?NDluk}gO8@`=|4RS=|Nlz>bd+K#i~&QGbd*w*E&",
    ),
    "scalar": (
        "numpy.float32",
        "1.5",
        "fCZIi000000001t7H)NIaCt6YV{dY0E^T#ebZKF7a$$Ltj0SUKVQgV?l#`T<1#We1aCwxB1!Q!2aAlN}l#BvqG?a;mhm=y3C`$v3"
        "0X&pWPEJby|Ns9=|NsC0O8|6~VnYM~0Kh+#hLlp2E&",
    ),
    "dtype": (
        "numpy.dtype",
        "complex128",
        "fCZH}000000001t1#We1aCwxB1!Q!2aAlN}l#ByoF*cNmh=-I?lqgFBi~&59PEJlr|NsC0O8@`=|4RULlwvL",
    ),
    "frame": (
        "pandas.DataFrame",
        "3 rows, 2 columns: a, b",
        "fCZJ20{{R30001t25@0+WMOlZj0r?xbYVtvVQpoUlawielzo&aj09h8XL6K`9&ll9WMOkIV{dY0E@^IbWpZv|Y;!JcVQyh(WpZ<r"
        "j0{3-Z)0msVQyh(Wpb30l#CW|VQyq$b1q+OX<~COX>N37a&BR4bCiq^Uv+M9X=7__WnW@!Z)0nela!1TZgp*Nc`jdLZ*pZWZgp*C"
        "a%p3fj0<08a&K*7b!KK|a+H&lD3%xi00000000310000000062000000009300000005MX1#We1aCwxB1!Q!2aAlN}l#BvtIFyNq"
        "hm=y3C`$v30X&pWPEJby|Ns9=|NsC0O8|6~VoL!_1BR500Yj8@lv0$82x4_<Y;<XEbCiq)b8Km2Wt5YYO8`p&O96+JQj|*qhm=y3"
        "XbWf#D3%xi000000000000000@IL?m0000006+i$000002tbr*5{v?7IFyNqhm=y3C`$uq7EVr1O8@`=|4RS=|Nlz>bd+LC0ZRjh"
        "lxP`rlv0#v9!mjB0!smhlv0#S0*91Rl!laDlqifCaA9s_VRJ5HZ*pZWX>Md?cx7`gVqtS-l#B{rZe@30Np56ic$AZrXaI}_Np56i"
        "c$AZreUvDS1Y}`!VU&y$aA9s_VRJ5DY-wV1E@5(VVR>_uj2vHIaCvxNb#8EJV{2?>Urt0pa&lpLLSbWTWn`3-l#C5<VQyq$b1q?W"
        "a$$LMl#B~gbaH8KXF+muVR@93lu924@dQqXlv0#v0E`P$baH8KXGC;)aAlN}l#B*&d30!RZj?uV_y7O^0001nlv0$87H)NIaCt6Y"
        "V{dY0E^T#ebZKF7a$$Ltj0|6LWn*t{b98cbV|0|0lxPr)2X16xa&lpLl#`T80ELu80b-Pglv0!^O94v)g_LL#i~>(Ml!=Iklv0!^"
        "O9PAne3VX3PD=m(|Nlz=|Ns9>KXjC0iCvT^i~(Vki~(YlWptEchLmEA1a4t%Wt2{JhLlp2XftR4j0#d=Zf9jlZe(S6l#`TwlqhIf"
        "PK*U}bYXIIluH1N1aow6aFj~}j0AIZWpI>B0d<CyQj}$elv0$81YdM{aFmP*WMOn+W^!R|Wt5BwUu|V{VPs)+VU%5zj0ItIbaHc)"
        "eUyv_UuJA!XLFQ&l#CZ)Y;13Lb6;e2aBOK~VRU6*Y++($Y;%-|b9G`a",
    ),
    "frame protocol 2": (
        "pandas.DataFrame",
        "3 rows, 1 columns: b",
        "fC6K1VQyq$a|%RZbYVtvVQpm!aR4cSaRGgC0w`Dn0001AZD(?E17mPuZe(F|E@N+UWiDxMbY*gGVQh0QZDDR<XJvA83PNmeV{1)e"
        "ZeeF-atd(-V{l<^WMOkIUu<b&b1rFabY*gGVQg~>Uv+M9X=7__WnW@!Z)0l;aRp;;b!~8YE?;ABa%C=Ub!>ELVRCX|c?w^0Wn*t{"
        "b98cbV{{5}24ik@ZE$%CZe(F{a$$K2aR*BPg>eXDUt@1%Wn*&+Wo~0{WMv9*30MID003ff3RngJ003-ZbZKreaSMiV3{r6ohj9*4"
        "aStd<0ZRc(1BP)BV{UbAaCr)3ba`-P3ULuw0ssI2W;k&YiHL`B6H;*$C`$ua0RR91JaH9HPEJby|Ns9=|NsC0O8|6n7GjBL30N5b"
        "0000000000!>~U900000002M$0000000=;F7ibHHaTro@8FX<PVq;%lVs&Y3bZKs1UkY<<X=7yyaT`kjO94v(hjAQIaUDwnhjAWK"
        "aUX?oAYE}GC}VJ8Ze(F|E@N+UWiDxMWMz0|b1q_Gb7cx&Ze@30Np56icnWbMV{l<^WMOj(Np56icnWbNeQ_ixSOfq70AyiwVR0p6"
        "aA9s_VRJ5DY-wV1E@5(VVR>^3Ute%}cwcpHaA{*}Y-L|gL_u<LVR=GfV{2t(3UMZ5aA9s_VRJ5Fa&lpLa|%;*a%pa7L2`0oc?xkS"
        "N*@OC1Wt!>C{l4LV{l<^WMOj(Q*?4^Zf8Vvd2nS4aVl5_0001Rd30!RZgDF|fA|0Z00000hH)%XaV=;DXa`FGg>f!u4To_rQgJXS"
        "O94v(g>f-x5m*8M002)oaWaXBhjBAfaWp7P16Tn7004Y(HBL@WO8@`=|4RS=|Nl!rba6IfiCu9wSOEY40Ag`CVRUghVuo=#Vps$K"
        "003@bZDnygPIZQHJW_EzXd+{9VQyq$a|%*nZf9jlZe(S63UNMtaX%<%J6Hh#003ceKv)F;0047zVRCeFK}!Kx1ONa4b98TTaY9Q3"
        "SOfq70CRL@aB)LR0d<CPL{f1@WrlG^QgKIE1ONa4UvznJaY$GR0001FVRT_;a$#*{aY<MS0001AZDn*}WMOn+aY|irOIQT}003ch"
        "baHcXOnq@pSOx$90AFToVP|u3PJMAtSQh{Q0AXxwZ+CNFWOZ<CX=7n@WnXMzVr6V|aZreJbz&|",
    ),
    "series": (
        "pandas.Series",
        "3 long",
        "fCZH`0ssI20001t25@0+WMOlZj0RI>a%p9Al#`Sxfs}oeD2xPOZD(?nj2>`dZe(F|E@N+UWiDxMbY*gGVQh0QZDDR<XJvA8l#CKn"
        "X>Mn1WkPIkV{1)eZeeF-a+H&lDS?zIU6hO%aA9s_VRJ5HZ*pZWX>Md?cx7`gVqtS-l#B{rZe@30Np56ic$AZrXaI}~QekdqWl3&i"
        "Wq6d6lzo&aj0A3BZDo{Bj0JOaVRCeoO8|@nb98TTluHAQ1aov{aFj~{b%vBulwn<zj1z8kZE$%mUt@1_WiD=YZDn$4W0Z^wUuJS|"
        "ZDMt1W@U1elawfy7ytkO000000RR91000000ssI2000000{{R300000l#B&#b!~8Yl#B&rba`-Pl#`T<0%<suiHL`kQj{o51B?MY"
        "luk}gO8@`=|4RS=|Nlz>bd+LC1BH}~0Yj8@lv0#oU6g1IXb*jqC}<H*Xc9{RXcJ2VXcS8Ub%vBulwp08j0P|+F*GhQlzo&aj09nL"
        "Wpk8h3XBF~Y;R+0bCg|_eUvDS26ka=b!BsuXeW#aZD(>{Y;R+8l#B>sb!lvLX>N0rj0JOSX=7!SlaxyUO9M**hm=y3bzyaLbd+L@"
        "1YdM{aFmP&b7gXAWpk8_314kxbYWy+bYYZTl#B&mZeeX@lwphoVRUqIbCi9Qj0Rt3Y++|}lzo(p7h!B{Z+CNFWOZ<CX=7n@WnXMz"
        "Vr6V|l!$X^Ka2rklyzb*",
    ),
    "multi": (
        "pandas.DataFrame",
        "2 rows, 1 columns: v",
        "fCZKA0{{R30001t25@0+WMOlZj0r?xbYVtvVQpoUlawielzo&aj09h8XL6K`9&ll9WMOkIV{dY0E@^IbWpZv|Y;!JcVQyh(WpZ<r"
        "j0{3-Z)0msVQyh(Wpb30l#CW|VQyq$b1q+OX<~COX>N37a&BR4bCiq^Uv+M9X=7__WnW@!Z)0nela!1TZgp*Nc`jdLZ*pZWZgp*C"
        "a%p3fj0<08a&K*7b!KK|a+H&lD3%Za0000000031000000006200000005MX1#We1aCwxB1!Q!2aAlN}l#BvtIFyNqhm=y3C`$v3"
        "0X&pWPEJby|Ns9=|NsC0O8|6~VoL!_0)~`~0Yj8@lv0$82x4_<Y;<XEbCiq)b8Km2Wt5YYO8`p&O96+JQj|*qhm=y3g_K>CD2y0z"
        "VQyq$b1q|Va%C=QZe(S6WpgfKVRL1aj0#_FWp`gmZe(S6l#`Tb0E`7mZe(S6l#`Twlqie@WMOn+l#CN_VQyq$b1q+OX<~COVRCX|"
        "d2^JE9A95>d3axSZg6R1Yiwm-PDDX+a$$KwVPk7$WR#PXj16#MZe(F|E@5(VVR>_uj0;nAa%pa7L2`0od6bisN*@OC1Wt#PQj}-_"
        "j0;nAa%pa7M09y@Wt5YYj0SLdbZBpGlt+K~00000004%RQk0AqZgp*Nc`jdLZ*pZWZFOvPX<>45VR@8{3}13(V{dMAbaHiLbd-~n"
        "Xb_ACZe(F{a$$LtlaxyUg_J`9Vw8uJQj{o50ZRdelxPx+0#7)UiHL`kQj{o51B?NDluk}gO8@`=|4RS=|Nl!rbd+L=U6hOgc9das"
        "lwyXIVvGcCVQpoUPIZQqQj};XXaI}~O?7N^X-RHmWq6d6lzo&aj0S9Fc4cgHlwFi4XeVeXeUvC@D`*ZVmJk2{000000096100000"
        "00RI3000000F-DIO9F+IXc=^rQj};+PIZQqQj};XXeoV^C}=Ba4k(ro00000000020000000004000000001#XcbEWg_LL+bd*w*"
        "XiQFZhLlp2WsC)5Z)9b2lwFi4Xbvbt0ssM&XcCM9X)%<Eh=-I?lqgFBXhu#>PD=m(|Nlz=|Ns9>0CbdMO9F+IXc=^rQj};8C_@4O"
        "0hDNGO9F+IXc=^rQj}$k33G39bZ>HGWpb2Gj0J9CZDn(mU6d$JPGxn5lv0#shLlp2j09hFd2p1B31ne(VP<k+ZDo{<314kxbYWy+"
        "bYYZTl#B&obaZlalzo(p247}uVP|uceUywBVQg$~cXMB4b#QEHV_|e<Uu<DwWo&blh;wyfE&",
    ),
    "range index": (
        "pandas.RangeIndex",
        "3 long",
        "fCZIr000000001t7;s^3WMOkIV{dY0E@^ILWq4(CE@EMGWt5BxUv6c0UrBCcWq6d6l#B*&VQyq$bCiq<QekdqWl3&iWq6d6lzo&a"
        "j0A3BZDo{Bj0JOaVRCeoO9G4pb98TTluHVX1aov{aFj~}b%vBulr8",
    ),
}
ARRAYS = {name: (b85decode(data), type_name, text) for name, (type_name, text, data) in _TEXTS.items()}
